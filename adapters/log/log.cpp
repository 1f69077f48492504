// SPDX-License-Identifier: MIT
#include "adapters/log/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

spdlog::level::level_enum spdlog_level(log_level level) noexcept {
  static_assert(static_cast<int>(log_level::trace) == SPDLOG_LEVEL_TRACE);
  static_assert(static_cast<int>(log_level::off) == SPDLOG_LEVEL_OFF);
  return static_cast<spdlog::level::level_enum>(level);
}

/// What spdlog gives us: a level that can change at any time, and a sink that is safe from any
/// thread. It knows no fields, so it gets whole lines.
class process_log {
 public:
  process_log() {
    // stdout is for what programs read: the line that says where the service listens.
    const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    for (std::size_t i = 0; i < loggers_.size(); ++i) {
      const std::string name{to_string(static_cast<subsystem>(i))};
      loggers_[i] = std::make_unique<spdlog::logger>(name, sink);
    }
  }

  /// What was a secret before stays hidden: a call under way may still speak of it.
  void configure(const log_levels& levels, bool is_json, const std::vector<std::string>& secrets) {
    for (std::size_t i = 0; i < levels.size(); ++i) {
      loggers_[i]->set_level(spdlog_level(levels[i]));
    }
    const std::lock_guard lock{mutex_};
    is_json_ = is_json;
    secrets_.insert(secrets.begin(), secrets.end());
    mask_ = std::make_shared<const secret_mask>(std::vector<std::string>{
        secrets_.begin(), secrets_.end()});
  }

  [[nodiscard]] spdlog::logger& of(subsystem who) const noexcept {
    return *loggers_[static_cast<std::size_t>(who)];
  }

  [[nodiscard]] std::string render(const log_line& line) const {
    const auto [is_json, mask] = style();
    return is_json ? render_json(line, *mask) : render_text(line, *mask);
  }

 private:
  [[nodiscard]] std::pair<bool, std::shared_ptr<const secret_mask>> style() const {
    const std::lock_guard lock{mutex_};
    return {is_json_, mask_};
  }

  std::array<std::unique_ptr<spdlog::logger>, subsystem_count> loggers_;
  mutable std::mutex mutex_;
  bool is_json_ = false;
  std::set<std::string> secrets_;
  std::shared_ptr<const secret_mask> mask_ = std::make_shared<const secret_mask>();
};

process_log& the_log() {
  static process_log made;
  return made;
}

}  // namespace

bool logger::writes(log_level level) const noexcept {
  return the_log().of(who_).should_log(spdlog_level(level));
}

void logger::write(log_level level, std::string_view message, fields about) const {
  if (!writes(level)) {
    return;
  }
  const timestamp now = to_timestamp(std::chrono::system_clock::now());
  const std::string line =
      the_log().render({now, level, who_, message, {about.begin(), about.size()}});
  the_log().of(who_).log(spdlog_level(level), spdlog::string_view_t{line.data(), line.size()});
}

void configure_log(const settings& config, const std::vector<std::string>& secrets) {
  // The option table has checked the text; a value that it cannot be changes nothing.
  if (const auto levels = parse_log_levels(config.log_level)) {
    the_log().configure(*levels, config.log_format == "json", secrets);
  }
}

}  // namespace stayler::adapters
