// SPDX-License-Identifier: MIT
#pragma once

#include "actors/provider/client/gemini_client_impl.hpp"
#include "adapters/clock/wall_clock.hpp"
#include "adapters/gemini/setup_probe.hpp"
#include "messages/provider/provider_check.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stayler::actors {

/// Asks the provider, before a job pays for the answer, whether address, keys and models work: at
/// the start, after a change of one of them, and as long as something does not, at pauses that grow
/// from two seconds to five minutes. The questions cost nothing; they need no permit and are not
/// counted. Part of the Gemini client.
class setup_check {
 public:
  /// Nothing is asked before begin() and configure().
  void begin(
      gemini_client_impl::pointer self,
      std::shared_ptr<adapters::http_client> http,
      std::shared_ptr<const adapters::wall_clock> clock
  );
  ~setup_check();
  setup_check() = default;
  setup_check(const setup_check&) = delete;
  setup_check& operator=(const setup_check&) = delete;

  /// Begins anew where something that is asked about has changed.
  void configure(const gemini_settings& config);

  /// The handlers of `check_setup_atom`.
  void ask(std::uint64_t round);
  void answered(std::uint64_t round, const http_outcome& outcome);

  /// A picture has come with that key and from that model, which is better than any answer here.
  void note_picture(const std::string& key_id, const std::string& model);

  [[nodiscard]] const provider_check& status() const { return status_; }

 private:
  struct question {
    adapters::setup_probe probe;
    provider_check finding;
    bool is_proven = false;  ///< by a picture
  };

  void restart(const gemini_settings& config);
  void ask_next();
  void conclude_round();
  void conclude(provider_check found);
  void cancel();

  gemini_client_impl::pointer self_ = nullptr;
  std::shared_ptr<adapters::http_client> http_;
  std::shared_ptr<const adapters::wall_clock> clock_;
  std::optional<gemini_settings> asked_about_;
  std::vector<question> questions_;
  std::size_t place_ = 0;     ///< of the question that is asked
  std::uint64_t round_ = 0;   ///< what belongs to an earlier one comes too late
  std::uint32_t failed_ = 0;  ///< rounds in a row
  std::optional<adapters::http_ticket> ticket_;
  provider_check status_;
};

}  // namespace stayler::actors
