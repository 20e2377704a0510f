/// What authorities say of certificates by OCSP, for handshakes to tell clients.
package dev.fairlead.net.ocsp;
