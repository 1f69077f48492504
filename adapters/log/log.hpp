// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/log/log_line.hpp"
#include "messages/service/settings.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Writes the lines of one subsystem to stderr: one write for each line, from any thread. A value;
/// all loggers of one subsystem are the same.
class logger {
 public:
  constexpr explicit logger(subsystem who) noexcept : who_(who) {}

  using fields = std::initializer_list<log_field>;

  /// Whether a line of that level is written: to be asked where its fields cost something.
  [[nodiscard]] bool writes(log_level level) const noexcept;

  void write(log_level level, std::string_view message, fields about = {}) const;

  void debug(std::string_view message, fields about = {}) const {
    write(log_level::debug, message, about);
  }
  void info(std::string_view message, fields about = {}) const {
    write(log_level::info, message, about);
  }
  void warning(std::string_view message, fields about = {}) const {
    write(log_level::warning, message, about);
  }
  void error(std::string_view message, fields about = {}) const {
    write(log_level::error, message, about);
  }
  void critical(std::string_view message, fields about = {}) const {
    write(log_level::critical, message, about);
  }

 private:
  subsystem who_;
};

/// The logger of each subsystem. A file takes its own with `using adapters::logs::queue::log;`.
namespace logs {
namespace service {
inline constexpr logger log{subsystem::service};
}
namespace supervisor {
inline constexpr logger log{subsystem::supervisor};
}
namespace queue {
inline constexpr logger log{subsystem::queue};
}
namespace worker {
inline constexpr logger log{subsystem::worker};
}
namespace gemini {
inline constexpr logger log{subsystem::gemini};
}
namespace notifier {
inline constexpr logger log{subsystem::notifier};
}
namespace http {
inline constexpr logger log{subsystem::http};
}
namespace images {
inline constexpr logger log{subsystem::images};
}
namespace audit {
inline constexpr logger log{subsystem::audit};
}
namespace nodes {
inline constexpr logger log{subsystem::nodes};
}
}  // namespace logs

/// Puts the settings' log level and format in force for the whole process, at any time and from any
/// thread, and hides the secrets (secrets_in() of the settings) in all lines from now on, beside
/// those of earlier calls. Before the first call: text, from info on.
void configure_log(const settings& config, const std::vector<std::string>& secrets);

}  // namespace stayler::adapters
