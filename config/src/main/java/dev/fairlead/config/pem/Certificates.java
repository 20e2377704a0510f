package dev.fairlead.config.pem;

import dev.fairlead.config.pem.PemText.Section;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Certificates and revocation lists as they stand in PEM files.
public final class Certificates {
    /// GeneralName, RFC 5280 §4.2.1.6: an IA5String.
    private static final int DNS_NAME = 2;

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
