// SPDX-License-Identifier: MIT

// TLS itself: what is spoken and what is not, handshakes that do not get anywhere, the end of a
// connection, and a certificate that is replaced. What a server promises besides is tested over TLS
// by the other files here.

#include "tests/integration/http/server/server_fixture.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

server_options with_tls(const adapters::key_pair_files& files = pair_named("localhost")) {
  server_options options;
  options.tls = tls_of(files);
  return options;
}

/// What `openssl s_client` says of a handshake with these flags.
std::string s_client(const server& with, const std::string& flags) {
  const auto run = run_program(
      "/bin/sh",
      {"-c", "openssl s_client -connect 127.0.0.1:" + std::to_string(with.port()) + " -CAfile "
                 + (certificates() / "ca.pem").string() + " -verify_hostname localhost " + flags
                 + " </dev/null 2>&1"},
      {}
  );
  return run.output;
}

bool says(const std::string& output, std::string_view part) {
  return output.find(part) != std::string::npos;
}

/// The beginning of a ClientHello of 16 KiB.
std::string beginning_of_a_hello() {
  return std::string{"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03", 11};
}

/// Signs the certificate NAME.pem anew with NAME.key, as one that ended a minute ago.
void let_end(const std::string& name) {
  const auto open = [&](const char* ending, const char* how) {
    return std::unique_ptr<BIO, decltype(&BIO_free_all)>{
        BIO_new_file((name + ending).c_str(), how), BIO_free_all};
  };
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{
      PEM_read_bio_X509(open(".pem", "r").get(), nullptr, nullptr, nullptr), X509_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_bio_PrivateKey(open(".key", "r").get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  REQUIRE(X509_gmtime_adj(X509_getm_notAfter(certificate.get()), -60) != nullptr);
  REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  REQUIRE(PEM_write_bio_X509(open(".pem", "w").get(), certificate.get()) == 1);
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  for (const std::string version : {"2", "3"}) {
    const auto said = s_client(*running, "-tls1_" + version);
    INFO(said);
    CHECK(says(said, "New, TLSv1." + version));
    CHECK(says(said, "Verify return code: 0 (ok)"));
  }
  for (const std::string version : {"-tls1", "-tls1_1"}) {
    const auto said = s_client(*running, version + " -cipher ALL:@SECLEVEL=0");
    INFO(said);
    CHECK(says(said, "alert protocol version"));
    CHECK(says(said, "Cipher is (NONE)"));
  }
}

TEST_CASE("only ciphers that are forward secret and authenticated are taken", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  for (const std::string cipher :
       {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
    INFO(cipher);
    CHECK(says(s_client(*running, "-tls1_2 -cipher " + cipher), "Cipher is " + cipher));
  }
  for (const std::string cipher :
       {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM",
        "AES128-GCM-SHA256", "aNULL", "DHE-RSA-AES128-GCM-SHA256"}) {
    INFO(cipher);
    const auto said = s_client(*running, "-tls1_2 -cipher " + cipher + ":@SECLEVEL=0");
    INFO(said);
    CHECK(says(said, "Cipher is (NONE)"));
  }
}

TEST_CASE("the protocol is HTTP/1.1, for who asks by ALPN too", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  CHECK(says(s_client(*running, "-alpn h2,http/1.1"), "ALPN protocol: http/1.1"));
  CHECK(says(s_client(*running, "-alpn h2"), "alert no application protocol"));
  CHECK(says(s_client(*running, ""), "No ALPN negotiated"));
}

TEST_CASE("nothing is compressed, renegotiated or resumed", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const auto said = s_client(*running, version + " -comp");
    INFO(said);
    CHECK(says(said, "Compression: NONE"));
    CHECK_FALSE(says(said, "TLS session ticket:"));
    CHECK_FALSE(says(said, "New Session Ticket"));
  }
  const auto again = run_program(
      "/bin/sh",
      {"-c", "(sleep 0.2; echo R; sleep 1) | openssl s_client -tls1_2 -connect 127.0.0.1:"
                 + std::to_string(running->port()) + " 2>&1"},
      {}
  );
  INFO(again.output);
  CHECK(says(again.output, "no renegotiation"));
}

TEST_CASE("a handshake that does not come, or comes in part, is given up", "[http_tls]") {
  auto options = with_tls();
  options.handshake_timeout = 1'500ms;
  const auto running = serve(echo, options);
  raw_connection silent{running->port()};
  raw_connection slow{running->port()};
  slow.send(beginning_of_a_hello());
  CHECK(silent.is_closed_by_peer());
  CHECK(slow.is_closed_by_peer());
  tls_connection other{running->port()};
  other.send(get("/"));
  CHECK(other.read_answer().status == 200);
}

TEST_CASE("what is no handshake ends the connection", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  raw_connection garbage{running->port()};
  garbage.send(std::string(4'096, '\xaa'));
  CHECK(garbage.is_closed_by_peer());
  raw_connection leaves{running->port()};
  leaves.send(beginning_of_a_hello());
  leaves.end_sending();
  CHECK(leaves.is_closed_by_peer());
}

TEST_CASE("who speaks plain HTTP at a port with TLS is told so", "[http_tls]") {
  const auto running = serve(echo, with_tls());
  raw_connection plain{running->port()};
  plain.send(get("/"));
  const auto answer = plain.read_answer();
  CHECK(answer.status == 400);
  CHECK(says(answer.body, "this port speaks HTTPS"));
  CHECK(answer.headers.at("connection") == "close");
  plain.end_sending();
  CHECK(plain.read_to_end().empty());
}

TEST_CASE("a handshake under way counts in its address's share", "[http_tls]") {
  auto options = with_tls();
  options.max_connections = 10;
  options.max_connections_per_address = 1;
  const auto running = serve(echo, options);
  raw_connection begun{running->port()};
  begun.send(beginning_of_a_hello());
  tls_connection refused{running->port()};
  CHECK(refused.read_answer().status == 503);
  tls_connection other{running->port(), "127.0.0.2"};
  other.send(get("/"));
  CHECK(other.read_answer().status == 200);
}

TEST_CASE("a handshake that lasts gives its place to a newcomer", "[http_tls]") {
  auto options = with_tls();
  options.max_connections = 1;
  options.spare_after = milliseconds{0};
  const auto running = serve(echo, options);
  raw_connection begun{running->port()};
  begun.send(beginning_of_a_hello());
  tls_connection newcomer{running->port()};
  newcomer.send(get("/"));
  CHECK(newcomer.read_answer().status == 200);
  CHECK(begun.is_closed_by_peer());
}

TEST_CASE("a connection ends with a close_notify", "[http_tls]") {
  auto options = with_tls();
  options.idle_timeout = 1'500ms;
  const auto running = serve(echo, options);
  tls_connection client{running->port()};
  SECTION("with its last answer") {
    client.send(get("/", "Connection: close\r\n"));
    CHECK(client.read_answer().status == 200);
  }
  SECTION("when it has been idle for too long") {
    client.send(get("/"));
    CHECK(client.read_answer().status == 200);
  }
  SECTION("when the server stops") {
    client.send(get("/"));
    CHECK(client.read_answer().status == 200);
    running->stop(1s);
  }
  SECTION("when the client ends it") {
    client.end_sending();
  }
  // Without a close_notify this would throw.
  CHECK(client.read_to_end().empty());
}

TEST_CASE("a new certificate is for new connections, and ends none", "[http_tls]") {
  const temporary_folder folder;
  const auto copy = [&](const std::string& name) {
    for (const std::string ending : {".pem", ".key"}) {
      std::filesystem::copy_file(
          certificates() / (name + ending), folder.path() / ("api" + ending),
          std::filesystem::copy_options::overwrite_existing
      );
    }
  };
  copy("localhost");
  const auto file = (folder.path() / "api").string();
  auto options = with_tls({"A", file + ".pem", "B", file + ".key"});
  const auto tls = options.tls;
  const auto running = serve(echo, options);
  tls_connection held{running->port()};
  const auto first = held.serial();

  std::filesystem::copy_file(
      certificates() / "other.pem", file + ".pem", std::filesystem::copy_options::overwrite_existing
  );
  const auto mixed = tls->reload();
  REQUIRE_FALSE(mixed);
  CHECK(mixed.error().message == "B: " + file + ".key is not the key of " + file + ".pem");
  CHECK(tls_connection{running->port()}.serial() == first);

  copy("other");
  CHECK(tls->reload());
  CHECK(tls_connection{running->port()}.serial() != first);
  held.send(get("/"));
  CHECK(held.read_answer().status == 200);
}

TEST_CASE("a certificate that has expired does not replace one that has not", "[http_tls]") {
  const temporary_folder folder;
  const auto file = (folder.path() / "api").string();
  for (const std::string ending : {".pem", ".key"}) {
    std::filesystem::copy_file(certificates() / ("localhost" + ending), file + ending);
  }
  auto options = with_tls({"A", file + ".pem", "B", file + ".key"});
  const auto before = options.tls->expiry();
  let_end(file);
  const auto reloaded = options.tls->reload();
  REQUIRE_FALSE(reloaded);
  CHECK(reloaded.error().message == "A: " + file + ".pem has expired");
  CHECK(options.tls->expiry() == before);
}

TEST_CASE("a pair that cannot be used is refused, with option, file and reason", "[http_tls]") {
  const temporary_folder folder;
  const auto right = pair_named("localhost");
  const auto refusal_of = [](const std::string& certificate, const std::string& key) {
    const auto opened =
        http::server_tls::open({"WORKER_TLS_CERTIFICATE", certificate, "WORKER_TLS_KEY", key});
    REQUIRE_FALSE(opened);
    return opened.error().message;
  };
  CHECK(
      refusal_of("/nowhere", right.key)
      == "WORKER_TLS_CERTIFICATE: cannot read /nowhere: No such file or directory"
  );
  CHECK(
      refusal_of(right.certificate, "/nowhere")
      == "WORKER_TLS_KEY: cannot read /nowhere: No such file or directory"
  );
  CHECK(
      refusal_of(right.key, right.key)
      == "WORKER_TLS_CERTIFICATE: " + right.key + " holds no certificate in PEM form"
  );
  CHECK(
      refusal_of(right.certificate, right.certificate)
      == "WORKER_TLS_KEY: " + right.certificate
             + " holds no key in PEM form, or one with a passphrase"
  );
  const auto rsa = (folder.path() / "rsa.key").string();
  const auto locked = (folder.path() / "locked.key").string();
  run_program(
      "/bin/sh",
      {"-c", "openssl genrsa -out " + rsa + " 2048; openssl ec -in " + right.key
                 + " -aes128 -passout pass:word -out " + locked},
      {}
  );
  CHECK(
      refusal_of(right.certificate, rsa)
      == "WORKER_TLS_KEY: " + rsa + " is not the key of " + right.certificate
  );
  CHECK(
      refusal_of(right.certificate, locked)
      == "WORKER_TLS_KEY: " + locked + " holds no key in PEM form, or one with a passphrase"
  );
}

TEST_CASE("the expiry is that of the certificate", "[http_tls]") {
  const auto left =
      tls_of(pair_named("localhost"))->expiry() - to_timestamp(std::chrono::system_clock::now());
  CHECK(left < 825 * 24h);
  CHECK(left > 824 * 24h);
}
