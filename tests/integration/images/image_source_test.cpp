// SPDX-License-Identifier: MIT

// Pictures from servers that lead astray, stall, lie about themselves, or are not to be spoken to.
#include "adapters/image_source/image_source.hpp"

#include "adapters/image_source/web_image_source.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/pictures/pictures.hpp"
#include "tests/support/tcp_server.hpp"

#include <future>

namespace stayler::test {

namespace {

using namespace adapters;
using namespace std::chrono_literals;

std::string png() {
  const auto bytes = make_picture({image_format::png, 40, 30});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string path_of(const std::string& head) {
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

void answer(tcp_connection& to, const std::string& status, const std::string& headers = "") {
  to.write("HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: 0\r\n\r\n");
}

/// Serves /picture, /STATUS, /to/PLACE (a redirect there), /loop, /text, /half and /silence.
void serve(tcp_connection& to) {
  for (auto head = to.read_head(); !head.empty(); head = to.read_head()) {
    const std::string path = path_of(head);
    if (path.starts_with("/picture")) {
      to.answer(png());
    } else if (path.starts_with("/to/")) {
      answer(to, "302 Found", "Location: " + path.substr(4) + "\r\n");
    } else if (path == "/loop") {
      answer(to, "307 Temporary Redirect", "Location: /loop\r\n");
    } else if (path == "/text") {
      to.answer("<html>no picture</html>");
    } else if (path == "/half") {
      to.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + png().substr(0, 20));
      return;
    } else if (path == "/silence") {
      to.await_close();
      return;
    } else {
      answer(to, path.substr(1) + " Status");
    }
  }
}

struct web {
  tcp_server server{serve};
  image_source_options options;

  web() {
    const std::string port = std::to_string(server.port());
    options.rules = {parse_host_patterns("127.0.0.1:" + port + ",localhost:" + port).value(), true};
  }

  [[nodiscard]] result<encoded_image> fetch(const std::string& url) const {
    auto promise = std::make_shared<std::promise<result<encoded_image>>>();
    auto found = promise->get_future();
    const auto source = make_web_image_source(options);
    source->fetch(url, [promise](auto outcome) { promise->set_value(std::move(outcome)); });
    return found.get();
  }

  [[nodiscard]] error_class error_at(const std::string& path) const {
    const auto found = fetch(server.url(path));
    return found ? error_class::none : found.error().kind;
  }
};

}  // namespace

TEST_CASE_METHOD(web, "a picture at a URL comes with what it is") {
  const auto found = fetch(server.url("/picture?size=2"));
  REQUIRE(found);
  CHECK(found->info == image_info{image_format::png, 40, 30});
  CHECK(found->bytes->size() == png().size());
}

TEST_CASE_METHOD(web, "three redirects are followed, each where it may lead") {
  CHECK(error_at("/to//picture") == error_class::none);
  CHECK(error_at("/to//to//to//picture") == error_class::none);
  CHECK(error_at("/to//to//to//to//picture") == error_class::invalid_input);
  CHECK(error_at("/loop") == error_class::invalid_input);
  CHECK(error_at("/to/http://example.com/picture") == error_class::invalid_input);
  CHECK(error_at("/to/http://ann:word@127.0.0.1/picture") == error_class::invalid_input);
  CHECK(error_at("/to/file:///etc/passwd") == error_class::invalid_input);
  CHECK(error_at("/to/") == error_class::invalid_input);
}

TEST_CASE_METHOD(web, "an answer that is no picture says why by its class") {
  CHECK(error_at("/404") == error_class::not_found);
  CHECK(error_at("/410") == error_class::not_found);
  CHECK(error_at("/401") == error_class::permission);
  CHECK(error_at("/403") == error_class::permission);
  CHECK(error_at("/400") == error_class::invalid_input);
  CHECK(error_at("/204") == error_class::invalid_input);
  CHECK(error_at("/429") == error_class::unavailable);
  CHECK(error_at("/500") == error_class::unavailable);
  CHECK(error_at("/503") == error_class::unavailable);
  CHECK(error_at("/text") == error_class::invalid_input);
  CHECK(error_at("/half") == error_class::unavailable);
}

TEST_CASE_METHOD(web, "a failure tells neither a status nor a byte of what lies behind the URL") {
  const auto reason_at = [this](const std::string& path) {
    const std::string message = fetch(server.url(path)).error().message;
    const std::string beginning = "the image at 127.0.0.1";
    REQUIRE(message.substr(0, beginning.size()) == beginning);
    return message.substr(message.find(' ', beginning.size()) + 1);
  };
  for (const std::string path : {"/401", "/403", "/404", "/410", "/400", "/204"}) {
    INFO(path);
    CHECK(reason_at(path) == "cannot be fetched");
  }
  CHECK(reason_at("/500") == "cannot be fetched for the moment");
  CHECK(reason_at("/503") == reason_at("/429"));
  CHECK(reason_at("/text") == "is no picture that is read here");
  CHECK(
      reason_at("/to/http://example.com/picture")
      == "is redirected to where none may be fetched from"
  );
}

TEST_CASE_METHOD(web, "a picture may be as large as is allowed, and no larger") {
  options.max_bytes = png().size();
  CHECK(error_at("/picture") == error_class::none);
  options.max_bytes = png().size() - 1;
  CHECK(error_at("/picture") == error_class::invalid_input);
}

TEST_CASE_METHOD(web, "a server that stalls has its time, and one that is gone is a connection") {
  options.timeout = 100ms;
  CHECK(error_at("/silence") == error_class::timeout);
  options.timeout = 20s;
  std::uint16_t port = 0;
  {
    const tcp_server gone{serve};
    port = gone.port();
  }
  options.rules.hosts.push_back({"127.0.0.1", port});
  const auto found = fetch("http://127.0.0.1:" + std::to_string(port) + "/");
  CHECK(found.error().kind == error_class::connection);
}

TEST_CASE_METHOD(web, "a URL that is not allowed is refused before anything is sent") {
  CHECK(fetch("http://example.com/picture").error().kind == error_class::invalid_input);
  options.rules.allows_private = false;
  CHECK(error_at("/picture") == error_class::invalid_input);
  options.rules.hosts.clear();
  CHECK(error_at("/picture") == error_class::invalid_input);
  CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(web, "a name that is allowed and leads to a private address is not connected to") {
  const std::string url = "http://localhost:" + std::to_string(server.port()) + "/picture?secret";
  CHECK(fetch(url));
  const auto before = server.connections();
  options.rules.allows_private = false;
  const auto found = fetch(url);
  CHECK(found.error().kind == error_class::permission);
  CHECK(found.error().message.find("secret") == std::string::npos);
  CHECK(found.error().message.find("127.") == std::string::npos);
  CHECK(server.connections() == before);
}

TEST_CASE_METHOD(web, "a source that ends answers what is under way") {
  auto source = make_web_image_source(options);
  std::promise<error_class> promise;
  source->fetch(server.url("/silence"), [&promise](const auto& outcome) {
    promise.set_value(outcome.error().kind);
  });
  source.reset();
  CHECK(promise.get_future().get() == error_class::unavailable);
}

}  // namespace stayler::test
