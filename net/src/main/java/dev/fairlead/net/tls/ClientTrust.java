package dev.fairlead.net.tls;

import dev.fairlead.config.ClientCertificatesSpec;
import dev.fairlead.config.pem.Certificates;
import dev.fairlead.config.pem.Unusable;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CRL;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;

/// Which certificates of clients are believed: those that lead to one of the authorities and are on no revocation
/// list. `scope` tells one such rule from another.
record ClientTrust(TrustManagerFactory managers, byte[] scope) {
    /// Reads the files.
    static ClientTrust of(ClientCertificatesSpec spec) throws Unusable {
        List<X509Certificate> authorities = Certificates.read(spec.ca());
        List<CRL> revocations = spec.crl() == null ? List.of() : Certificates.readRevocations(spec.crl());
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(
                    authorities.stream()
                            .map(each -> new TrustAnchor(each, null))
                            .collect(Collectors.toSet()),
                    new X509CertSelector());
            parameters.setRevocationEnabled(spec.crl() != null);
            parameters.addCertStore(
                    CertStore.getInstance("Collection", new CollectionCertStoreParameters(revocations)));
            TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
            managers.init(new CertPathTrustManagerParameters(parameters));
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((byte) spec.mode().ordinal());
            for (X509Certificate each : authorities) {
                digest.update(each.getEncoded());
            }
            for (CRL each : revocations) {
                digest.update(((X509CRL) each).getEncoded());
            }
            return new ClientTrust(managers, digest.digest());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("certificates that were read cannot be used", impossible);
        }
    }
}
