// SPDX-License-Identifier: MIT

// Whose certificates are believed.

#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/tls/authorities.hpp"
#include "http/server/server.hpp"
#include "http/server/tls/server_tls.hpp"
#include "tests/integration/http/http_client_fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/child_process.hpp"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace stayler::test {

namespace {

using namespace adapters;
namespace fs = std::filesystem;

/// A server with a certificate for localhost by an authority of its own.
struct private_server {
  temporary_folder folder;
  std::unique_ptr<http::server> server;

  private_server() {
    make_certificates(folder.path(), {"localhost"});
    const auto file = (folder.path() / "localhost").string();
    http::server_options options;
    options.tls = http::server_tls::open({"WORKER_TLS_CERTIFICATE", file + ".pem", "WORKER_TLS_KEY",
                                          file + ".key"})
                      .value();
    auto started =
        http::server::start(options, [](const http::request&, const http::responder_ptr& to) {
          http::response answer;
          answer.headers = {{"Connection", "close"}};
          to->send(std::move(answer));
        });
    REQUIRE(started);
    server = std::move(*started);
  }

  [[nodiscard]] fs::path authority() const { return folder.path() / "ca.pem"; }

  [[nodiscard]] http_request request() const {
    http_request made;
    made.url = "https://localhost:" + std::to_string(server->port()) + "/";
    made.timeout = std::chrono::seconds{20};
    return made;
  }
};

}  // namespace

TEST_CASE("a certificate of a private authority is believed where its file is named") {
  const private_server server;
  const auto strict = make_curl_http_client();
  const auto refused = error_of(send(*strict, server.request()));
  CHECK(refused.error.kind == error_class::connection);
  CHECK_FALSE(refused.was_sent);
  const auto trusting = make_curl_http_client(10, {}, {server.authority(), {}, {}, {}});
  CHECK(response_of(send(*trusting, server.request())).status == 200);
}

TEST_CASE("a file of authorities that is replaced counts from the next connection on") {
  const private_server server;
  const private_server other;
  const fs::path file = other.folder.path() / "trusted.pem";
  fs::copy_file(other.authority(), file);
  const auto client = make_curl_http_client(10, {}, {file, {}, {}, {}});
  CHECK(error_of(send(*client, server.request())).error.kind == error_class::connection);
  fs::copy_file(server.authority(), file, fs::copy_options::overwrite_existing);
  CHECK(response_of(send(*client, server.request())).status == 200);
  fs::remove(file);
  const auto unread = error_of(send(*client, server.request()));
  CHECK(unread.error.kind == error_class::connection);
}

TEST_CASE("a file without certificates of authorities is refused with its name and the reason") {
  const private_server server;
  CHECK(check_authorities(server.authority()));
  const auto missing = check_authorities("/nowhere/ca.pem");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message.find("/nowhere/ca.pem: No such file") != std::string::npos);
  const auto key = server.folder.path() / "localhost.key";
  CHECK(check_authorities(key).error().message.find(key) != std::string::npos);
  const auto text = server.folder.path() / "text";
  std::ofstream{text} << "no certificate";
  CHECK_FALSE(check_authorities(text));
}

}  // namespace stayler::test
