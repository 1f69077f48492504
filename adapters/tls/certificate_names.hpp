// SPDX-License-Identifier: MIT
#pragma once

#include <string>

struct ssl_st;
struct x509_st;
struct x509_store_ctx_st;

namespace stayler::adapters {

/// Has the handshake of this client fail unless the server's certificate is for that host: a name,
/// which is also sent to the server (SNI), or a numeric address. False where memory is short.
bool expect_host(ssl_st* client, const std::string& host);

/// Whether the certificate is for that name, as clients look at the names of hosts: its
/// subjectAltName counts, with a wildcard for the first label, and its subject's CN where it has no
/// DNS name there.
bool is_certificate_for(x509_st* certificate, const std::string& name);

/// What the certificate is for, for messages: "DNS:a.example, IP Address:10.0.0.1".
std::string names_in(x509_st* certificate);

/// The same of the certificate that is being verified.
std::string names_in(x509_store_ctx_st* verification);

/// Why the handshake did not accept the other side's certificate, which is for these names; empty
/// where that was not the reason.
std::string why_untrusted(const ssl_st* session, const std::string& names);

}  // namespace stayler::adapters
