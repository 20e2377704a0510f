package dev.fairlead.config.pem;

import dev.fairlead.config.pem.PemText.Section;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Certificates and revocation lists as they stand in PEM files.
public final class Certificates {
    /// GeneralName, RFC 5280 §4.2.1.6: an IA5String.
    private static final int DNS_NAME = 2;

    /// GeneralName of the kind `uniformResourceIdentifier`.
    private static final int URI_NAME = 0x86;

    /// id-pe-authorityInfoAccess.
    private static final String AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1";

    /// id-ad-ocsp: 1.3.6.1.5.5.7.48.1.
    private static final byte[] BY_OCSP = {0x2b, 6, 1, 5, 5, 7, 0x30, 1};

    private Certificates() {}

    /// Those of the file, in its order; at least one. Waits for the disk.
    public static List<X509Certificate> read(String file) throws Unusable {
        List<X509Certificate> all = new ArrayList<>();
        for (Section section : PemText.read(file, Unusable.Part.CERTIFICATE)) {
            if (section.label().equals("CERTIFICATE") || section.label().equals("X509 CERTIFICATE")) {
                try {
                    all.add((X509Certificate) factory().generateCertificate(new ByteArrayInputStream(section.bytes())));
                } catch (CertificateException e) {
                    throw unusable("certificate " + (all.size() + 1) + " in `" + file + "` is broken");
                }
            }
        }
        if (all.isEmpty()) {
            throw unusable("`" + file + "` holds no certificate");
        }
        return all;
    }

    /// The revocation lists of the file; at least one. Waits for the disk.
    public static List<CRL> readRevocations(String file) throws Unusable {
        List<CRL> all = new ArrayList<>();
        for (Section section : PemText.read(file, Unusable.Part.CERTIFICATE)) {
            if (section.label().equals("X509 CRL")) {
                try {
                    all.add(factory().generateCRL(new ByteArrayInputStream(section.bytes())));
                } catch (CRLException e) {
                    throw unusable("list " + (all.size() + 1) + " in `" + file + "` is broken");
                }
            }
        }
        if (all.isEmpty()) {
            throw unusable("`" + file + "` holds no revocation list");
        }
        return all;
    }

    /// The names of hosts that it is for, in lower case. RFC 9525 §2: the common name is none of them.
    public static Set<String> hosts(X509Certificate certificate) {
        Set<String> hosts = new LinkedHashSet<>();
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names != null) {
                for (List<?> name : names) {
                    if (name.get(0).equals(DNS_NAME)) {
                        hosts.add(((String) name.get(1)).toLowerCase(Locale.ROOT));
                    }
                }
            }
        } catch (CertificateParsingException broken) {
            return Set.of();
        }
        return hosts;
    }

    /// Where its authority says whether it is revoked (OCSP); null: it does not say, or only in ways that are not
    /// HTTP. RFC 5280 §4.2.2.1.
    public static @Nullable URI ocspResponder(X509Certificate certificate) {
        byte[] extension = certificate.getExtensionValue(AUTHORITY_ACCESS);
        if (extension == null) {
            return null;
        }
        try {
            Der accesses = Der.of(Der.of(extension).content(Der.OCTETS)).enter(Der.SEQUENCE);
            while (accesses.hasNext()) {
                Der access = accesses.enter(Der.SEQUENCE);
                if (Arrays.equals(access.content(Der.OID), BY_OCSP) && access.isNext(URI_NAME)) {
                    URI uri = new URI(new String(access.content(URI_NAME), StandardCharsets.US_ASCII));
                    if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                        return uri;
                    }
                }
            }
        } catch (IndexOutOfBoundsException | URISyntaxException broken) {
            return null;
        }
        return null;
    }

    /// The place of the first one that is not signed by the one behind it; -1: there is none.
    public static int unsigned(List<X509Certificate> chain) {
        for (int i = 0; i + 1 < chain.size(); i++) {
            try {
                chain.get(i).verify(chain.get(i + 1).getPublicKey());
            } catch (GeneralSecurityException notSigned) {
                return i;
            }
        }
        return -1;
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (CertificateException impossible) {
            throw new AssertionError("every JDK has X.509", impossible);
        }
    }

    private static Unusable unusable(String message) {
        return new Unusable(Unusable.Part.CERTIFICATE, message);
    }
}
