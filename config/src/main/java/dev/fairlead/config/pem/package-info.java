/// Certificates and private keys as they stand in files.
package dev.fairlead.config.pem;
