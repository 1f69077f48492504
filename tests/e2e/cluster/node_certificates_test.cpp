// SPDX-License-Identifier: MIT

// What a certificate of the authority is good for, and for how long: for one end of a link, under
// the name that it carries, until it ends or is revoked.

#include "tests/e2e/support/node_stack.hpp"

#include <csignal>
#include <fstream>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace fs = std::filesystem;

namespace {

/// What an authority does beside signing, with the key that scripts/dev-certs has made.
class authority {
 public:
  explicit authority(fs::path folder) : folder_(std::move(folder)) {
    std::ofstream{folder_ / "index.txt"}.close();
    std::ofstream{folder_ / "serial"} << "1000\n";
    std::ofstream{folder_ / "ca.conf"}
        << "[ca]\ndefault_ca=own\n[own]\ndatabase=" << (folder_ / "index.txt").string()
        << "\nserial=" << (folder_ / "serial").string()
        << "\ndefault_md=sha256\npolicy=any\nnew_certs_dir=" << folder_.string()
        << "\n[any]\ncommonName=supplied\n";
  }

  void revoke(const std::string& name) const { run("-revoke " + name + ".pem"); }

  /// The file has the new list from one moment to the next.
  [[nodiscard]] fs::path write_list() const {
    run("-gencrl -crldays 1 -out crl.new");
    fs::rename(folder_ / "crl.new", folder_ / "crl.pem");
    return folder_ / "crl.pem";
  }

  /// In place of that certificate one that ended long ago.
  void let_end(const std::string& name) const {
    shell("openssl req -new -key " + name + ".key -subj /CN=" + name + " -out old.csr");
    run("-batch -notext -startdate 20200101000000Z -enddate 20200102000000Z -in "
        "old.csr -out "
        + name + ".pem");
  }

 private:
  void run(const std::string& what) const {
    shell("openssl ca -config ca.conf -keyfile ca.key -cert ca.pem " + what);
  }

  void shell(const std::string& command) const {
    const auto done =
        run_program("/bin/sh", {"-c", "cd " + folder_.string() + " && " + command + " 2>&1"}, {});
    INFO(done.output);
    REQUIRE(done.exit_code == 0);
  }

  fs::path folder_;
};

std::string port_in(const std::string& address) {
  return address.substr(address.rfind(':') + 1);
}

/// Copies a certificate and its key so that no moment shows halves for long.
void put_files(const fs::path& folder, const std::string& from, const std::string& to) {
  for (const char* const end : {".key", ".pem"}) {
    fs::copy_file(folder / (from + end), folder / "new", fs::copy_options::overwrite_existing);
    fs::rename(folder / "new", folder / (to + end));
  }
}

/// What a client with these files is told after the handshake, and after it has sent something.
std::string handshake(
    const node_stack& stack, const std::string& address, const std::string& name
) {
  const std::string files = stack.certificates().string() + "/";
  return run_program(
             "/bin/sh",
             {"-c", "(printf 'xxxx'; sleep 3) | openssl s_client -connect " + address + " -cert "
                        + files + name + ".pem -key " + files + name + ".key -CAfile " + files
                        + "ca.pem 2>&1"},
             {}
  )
      .output;
}

}  // namespace

TEST_CASE("a node is taken in only under a name that its certificate is for, read anew each time") {
  node_stack stack;
  const std::string address = node_address_of(stack.service().worker());
  stack.start_node("a", 1);
  make_certificates(stack.certificates(), {"node:b", "node:spare"});
  put_files(stack.certificates(), "a", "spare");
  put_files(stack.certificates(), "b", "a");
  wait_until("its files are read again", [&] {
    return holds(stack.node("a").output(), "certificate files were read again");
  });
  stack.service().worker().signal(SIGKILL);
  REQUIRE(stack.service().worker().wait(10s) == 128 + SIGKILL);
  stack.service().start_worker({{"NODE_LISTEN", address}});
  wait_until(
      "it is refused",
      [&] { return holds(stack.node("a").output(), "the certificate is for DNS:b, not for a"); },
      60s
  );
  CHECK(stack.workers_of("a") == 0);
  put_files(stack.certificates(), "spare", "a");
  wait_until(
      "it is back with its own", [&] { return stack.workers_of("a") == 1; }, 60s
  );
}

TEST_CASE("a node joins no coordinator whose certificate is not for the host that it looked for") {
  node_stack stack;
  environment settings = stack.node_settings("a");
  const std::string port = port_in(node_address_of(stack.service().worker()));
  settings["NODE_JOIN"] = "localhost:" + port;
  service_process node{
      STAYLER_WORKER,
      {},
      settings,
      stack.service().folder() / "a.log",
      service_process::awaited::nothing};
  wait_until(
      "it turns away", [&] { return holds(node.output(), "ostname mismatch"); }, 60s
  );
  CHECK(holds(node.output(), "DNS:coordinator, IP Address:127.0.0.1"));
  CHECK(stack.workers_of("a") == 0);
  CHECK(node.is_running());
}

TEST_CASE("a coordinator's certificate does not pass for a node's, nor one that has ended") {
  node_stack stack;
  const std::string address = node_address_of(stack.service().worker());
  make_certificates(stack.certificates(), {"node:good", "node:old"});
  authority{stack.certificates()}.let_end("old");
  CHECK_FALSE(holds(handshake(stack, address, "good"), "alert"));
  CHECK(holds(handshake(stack, address, "old"), "alert certificate expired"));
  CHECK(holds(handshake(stack, address, "coordinator"), "alert"));
}

TEST_CASE("a revoked certificate ends its node's connection, and opens no other") {
  node_stack stack;
  const std::string address = node_address_of(stack.service().worker());
  const authority signs{stack.certificates()};
  REQUIRE(stack.service().worker().stop() == 0);
  stack.service().start_worker(
      {{"NODE_LISTEN", address}, {"NODE_TLS_CRL", signs.write_list().string()}}
  );
  stack.start_node("a", 1);
  stack.start_node("b", 1);
  signs.revoke("a");
  static_cast<void>(signs.write_list());
  wait_until(
      "it is gone", [&] { return stack.workers_of("a") == 0; }, 30s
  );
  wait_until("it is said why", [&] {
    return holds(stack.service().worker().output(), "has ended, or was revoked");
  });
  CHECK(holds(handshake(stack, address, "a"), "alert certificate revoked"));
  CHECK(stack.workers_of("b") == 1);
}

TEST_CASE("who has a certificate cannot announce what would take the coordinator's memory") {
  node_stack stack;
  const std::string address = node_address_of(stack.service().worker());
  make_certificates(stack.certificates(), {"node:bad"});
  // As a header, 32 digits are a message of no kind, with 800 megabytes.
  const std::string files = stack.certificates().string() + "/";
  static_cast<void>(run_program(
      "/bin/sh",
      {"-c", "(printf '%032d' 0; sleep 3) | openssl s_client -quiet -connect " + address + " -cert "
                 + files + "bad.pem -key " + files + "bad.key -CAfile " + files + "ca.pem 2>&1"},
      {}
  ));
  wait_until("it is said why", [&] {
    return holds(stack.service().worker().output(), "a message that nodes do not send");
  });
  stack.start_node("good", 1);
}
