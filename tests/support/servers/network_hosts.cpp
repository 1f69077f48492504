// SPDX-License-Identifier: MIT
#include "tests/support/servers/network_hosts.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/programs/service_process.hpp"

#include <csignal>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stayler::test {

namespace {

constexpr const char* network_tool = "/usr/sbin/ip";
constexpr const char* filter_tool = "/usr/sbin/iptables";
constexpr const char* enter_tool = "/usr/bin/nsenter";

int open_space(const std::string& process) {
  const int space = ::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(space >= 0);
  return space;
}

std::string space_of(pid_t keeper) {
  return "--net=/proc/" + std::to_string(keeper) + "/ns/net";
}

void run_tool(const std::filesystem::path& program, const std::vector<std::string>& arguments) {
  std::string line = program.string();
  for (const auto& argument : arguments) {
    line += ' ' + argument;
  }
  const auto done = run_program(program, arguments, {});
  INFO(line << ": " << done.output << "\napt-get install iproute2 iptables");
  REQUIRE(done.exit_code == 0);
}

void ip(const std::vector<std::string>& arguments) {
  run_tool(network_tool, arguments);
}

/// A process that does nothing, in a network namespace of its own. It ends with its parent.
pid_t start_keeper() {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe(ends) == 0);
  const pid_t keeper = ::fork();
  REQUIRE(keeper >= 0);
  if (keeper == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char is_there = ::unshare(CLONE_NEWNET) == 0 ? '+' : '-';
    if (::write(ends[1], &is_there, 1) == 1) {
      for (;;) {
        ::pause();
      }
    }
    ::_exit(1);
  }
  char is_there = '-';
  REQUIRE(::read(ends[0], &is_there, 1) == 1);
  REQUIRE(is_there == '+');
  ::close(ends[0]);
  ::close(ends[1]);
  return keeper;
}

}  // namespace

network_hosts::network_hosts() {
  if (::unshare(CLONE_NEWNET) != 0) {
    FAIL("a network of one's own takes root: run the tests as root, or with sudo");
  }
  home_ = open_space("thread-self");
  ip({"link", "set", "lo", "up"});
  ip({"link", "add", "bridge", "type", "bridge"});
  ip({"address", "add", std::string{own_address} + "/24", "dev", "bridge"});
  ip({"link", "set", "bridge", "up"});
}

network_hosts::~network_hosts() {
  for (const auto& [name, one] : hosts_) {
    ::close(one.space);
    ::kill(one.keeper, SIGKILL);
    ::waitpid(one.keeper, nullptr, 0);
  }
  ::close(home_);
}

std::string network_hosts::add(const std::string& name) {
  host added;
  added.address = "10.77.0." + std::to_string(++last_);
  added.link = "to-" + name;
  added.keeper = start_keeper();
  added.space = open_space(std::to_string(added.keeper));
  ip({"link", "add", added.link, "type", "veth", "peer", "name", "eth0", "netns",
      std::to_string(added.keeper)});
  ip({"link", "set", added.link, "master", "bridge", "up"});
  run_on(added, {network_tool, "link", "set", "lo", "up"});
  run_on(added, {network_tool, "address", "add", added.address + "/24", "dev", "eth0"});
  run_on(added, {network_tool, "link", "set", "eth0", "up"});
  return hosts_.emplace(name, std::move(added)).first->second.address;
}

const std::string& network_hosts::address_of(const std::string& name) const {
  return hosts_.at(name).address;
}

std::pair<std::filesystem::path, std::vector<std::string>> network_hosts::command_on(
    const std::string& name, const std::filesystem::path& program
) const {
  return {enter_tool, {space_of(hosts_.at(name).keeper), program.string()}};
}

void network_hosts::run_on(const host& where, std::vector<std::string> command) const {
  command.insert(command.begin(), space_of(where.keeper));
  run_tool(enter_tool, command);
}

void network_hosts::cut(const std::string& name) {
  ip({"link", "set", hosts_.at(name).link, "down"});
}

void network_hosts::deafen(const std::string& name) {
  run_on(hosts_.at(name), {filter_tool, "-A", "INPUT", "-i", "eth0", "-j", "DROP"});
}

void network_hosts::mend(const std::string& name) {
  ip({"link", "set", hosts_.at(name).link, "up"});
  run_on(hosts_.at(name), {filter_tool, "-F", "INPUT"});
}

host_visit::host_visit(const network_hosts& network, const std::string& name)
    : home_(network.home_) {
  REQUIRE(::setns(network.hosts_.at(name).space, CLONE_NEWNET) == 0);
}

host_visit::~host_visit() {
  ::setns(home_, CLONE_NEWNET);
}

}  // namespace stayler::test
