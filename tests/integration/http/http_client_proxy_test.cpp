// SPDX-License-Identifier: MIT

// Calls through a proxy, and calls that never go through one. Their target is at 127.0.0.2, for
// 127.0.0.1 is this machine, to which no proxy leads.

#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/image_source/web_image_source.hpp"
#include "http/server/server.hpp"
#include "http/server/tls/server_tls.hpp"
#include "tests/integration/http/http_client_fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/servers/proxy_process.hpp"

#include <chrono>
#include <future>
#include <memory>
#include <string>

namespace stayler::test {

namespace {

using namespace adapters;
using namespace std::chrono_literals;

/// A server at that address, with a certificate of its own authority where it speaks TLS.
class target {
 public:
  enum class speaks : bool { http, https };

  explicit target(speaks what, const std::string& address = "127.0.0.2")
      : scheme_(what == speaks::https ? "https" : "http"), address_(address) {
    http::server_options options;
    options.address = address;
    if (what == speaks::https) {
      make_certificates(folder_.path(), {"coordinator:target,127.0.0.1,127.0.0.2"});
      const auto file = (folder_.path() / "target").string();
      options.tls = http::server_tls::open({"WORKER_TLS_CERTIFICATE", file + ".pem",
                                            "WORKER_TLS_KEY", file + ".key"})
                        .value();
    }
    auto started =
        http::server::start(options, [](const http::request& req, const http::responder_ptr& to) {
          http::response answer;
          answer.body = std::string{req.body.view()};
          to->send(std::move(answer));
        });
    REQUIRE(started);
    server_ = std::move(*started);
  }

  [[nodiscard]] std::string place() const {
    return address_ + ":" + std::to_string(server_->port());
  }
  [[nodiscard]] std::string authorities() const { return folder_.path() / "ca.pem"; }

  [[nodiscard]] http_request request() const {
    http_request made;
    made.method = "POST";
    made.url = scheme_ + "://" + place() + "/path";
    made.body = make_string_body("the photo");
    made.timeout = 20s;
    return made;
  }

 private:
  std::string scheme_;
  std::string address_;
  temporary_folder folder_;
  std::unique_ptr<http::server> server_;
};

/// Where nobody listens.
std::string dead_proxy() {
  return "http://127.0.0.1:" + std::to_string(free_port());
}

std::unique_ptr<http_client> client_with(outgoing_calls outgoing) {
  return make_curl_http_client(10, {}, std::move(outgoing));
}

}  // namespace

TEST_CASE("a call to https:// goes through the proxy, by CONNECT and with its password") {
  const proxy_process proxy;
  const target server{target::speaks::https};
  const auto client = client_with({server.authorities(), proxy.url(), {}, {}});
  const auto answer = response_of(send(*client, server.request()));
  CHECK(answer.status == 200);
  CHECK(answer.body == "the photo");
  CHECK(answer.header("proxy-agent").empty());
  CHECK(proxy.log().find("CONNECT " + server.place()) != std::string::npos);
}

TEST_CASE("a call to http:// goes through the proxy for these, and not through the other one") {
  const proxy_process proxy;
  const target server{target::speaks::http};
  const auto through = client_with({{}, dead_proxy(), proxy.url(), {}});
  CHECK(response_of(send(*through, server.request())).body == "the photo");
  CHECK(proxy.log().find("POST http://" + server.place()) != std::string::npos);
  const auto directly = client_with({{}, dead_proxy(), {}, {}});
  CHECK(response_of(send(*directly, server.request())).body == "the photo");
}

TEST_CASE("exempt hosts and this machine are called directly") {
  const target server{target::speaks::http};
  for (const auto* exceptions : {"127.0.0.2", "other,127.0.0.0/24", "*"}) {
    INFO(exceptions);
    const auto client = client_with({{}, {}, dead_proxy(), exceptions});
    CHECK(response_of(send(*client, server.request())).status == 200);
  }
  const target here{target::speaks::http, "127.0.0.1"};
  const auto client = client_with({{}, {}, dead_proxy(), "other"});
  CHECK(response_of(send(*client, here.request())).status == 200);
  CHECK(error_of(send(*client, server.request())).error.kind == error_class::connection);
}

TEST_CASE("a proxy that refuses has let nothing of the request out, and its password is not told") {
  const proxy_process proxy;
  const target server{target::speaks::https};
  const auto client = client_with({server.authorities(), proxy.url("wrong-word"), {}, {}});
  const auto refused = error_of(send(*client, server.request()));
  CHECK(refused.error.kind == error_class::connection);
  CHECK_FALSE(refused.was_sent);
  INFO(refused.error.message);
  CHECK(refused.error.message.find("proxy") != std::string::npos);
  CHECK(refused.error.message.find("wrong-word") == std::string::npos);
}

TEST_CASE("a proxy that hangs costs its time, and has let nothing of the request out") {
  tcp_server proxy{[](tcp_connection& connection) {
    connection.read_head();
    connection.await_close();
  }};
  const target server{target::speaks::https};
  const auto client = client_with({{}, proxy.url(""), {}, {}});
  auto request = server.request();
  request.timeout = 200ms;
  const auto hung = error_of(send(*client, request));
  CHECK(hung.error.kind == error_class::timeout);
  CHECK_FALSE(hung.was_sent);
}

TEST_CASE("a client with a rule about addresses uses no proxy: the rule is about the target's") {
  const target server{target::speaks::http};
  const auto client =
      make_curl_http_client(1, [](const sockaddr&) { return true; }, {{}, {}, dead_proxy(), {}});
  CHECK(response_of(send(*client, server.request())).status == 200);
}

TEST_CASE("an image at a URL is fetched directly, whatever the environment says") {
  tcp_server cdn{[](tcp_connection& connection) {
    const auto photo = make_picture({});
    while (!connection.read_head().empty()) {
      connection.answer({reinterpret_cast<const char*>(photo.data()), photo.size()});
    }
  }};
  ::setenv("http_proxy", dead_proxy().c_str(), 1);
  image_source_options options;
  options.rules.hosts = parse_host_patterns("127.0.0.1:" + std::to_string(cdn.port())).value();
  options.rules.allows_private = true;
  const auto source = make_web_image_source(options);
  std::promise<bool> came;
  source->fetch(cdn.url("/a.jpg"), [&](const result<encoded_image>& image) {
    came.set_value(image.has_value());
  });
  CHECK(came.get_future().get());
  ::unsetenv("http_proxy");
}

}  // namespace stayler::test
