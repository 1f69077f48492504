// SPDX-License-Identifier: MIT
#pragma once

#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/certificates.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace stayler::test {

/// The settings of who shows that certificate.
environment tls_settings(const std::filesystem::path& folder, const std::string& name);

/// Where a coordinator awaits nodes, from what it has said.
std::string node_address_of(const service_process& coordinator);

/// A coordinator without workers of its own, the sim, and worker nodes, each a process.
class node_stack {
 public:
  /// `changes` are of the coordinator's settings.
  explicit node_stack(
      const environment& changes = {}, const std::vector<std::string>& sim_arguments = {}
  );

  [[nodiscard]] service_stack& service() { return *service_; }
  [[nodiscard]] const std::filesystem::path& certificates() const { return certificates_.path(); }

  /// The settings of a node of that name, for which a certificate is made.
  [[nodiscard]] environment node_settings(const std::string& name) const;

  /// Starts a node and waits until all its workers are there.
  void start_node(const std::string& name, std::size_t slots, const environment& changes = {});
  [[nodiscard]] service_process& node(const std::string& name) { return *nodes_.at(name); }

  /// How many workers of that node the coordinator has, and how many of them are busy.
  [[nodiscard]] std::size_t workers_of(const std::string& name) const;
  [[nodiscard]] std::size_t busy_of(const std::string& name) const;

  /// Submits so many conversions; their ids.
  std::vector<std::string> submit(std::size_t count);

 private:
  temporary_folder certificates_;
  std::unique_ptr<service_stack> service_;
  std::map<std::string, std::unique_ptr<service_process>> nodes_;
};

/// How many attempts of the job were made by workers of that node.
std::size_t attempts_by(const adapters::json_value& job, const std::string& node);

}  // namespace stayler::test
