// SPDX-License-Identifier: MIT
#include "app/cli/live/live_lines.hpp"

#include "app/cli/jobs/pause_texts.hpp"
#include "app/cli/jobs/waiting_texts.hpp"
#include "app/cli/live/sparkline.hpp"
#include "app/cli/output/console.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>

namespace stayler::cli {

namespace {

using adapters::json_value;

constexpr std::size_t name_width = 12;
constexpr std::size_t figure_width = 26;
constexpr std::size_t longest_sparkline = 120;

std::vector<double> series_of(const json_value& overview, std::string_view name) {
  std::vector<double> values;
  for (const auto& point : list_of(overview, "series." + std::string{name})) {
    values.push_back(number_of(point, "").value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  return values;
}

/// A name, its figure, and how it came to that.
std::string line_with_sparkline(
    const live_layout& layout,
    std::string_view name,
    const std::string& figure,
    const std::vector<double>& series
) {
  const auto used = name_width + figure_width + 2;
  const auto width =
      layout.width > used ? std::min(layout.width - used, longest_sparkline) : std::size_t{0};
  return fmt::format(
      "{:<{}} {:<{}} {}", name, name_width, figure, figure_width,
      render_sparkline(series, width, layout.has_blocks)
  );
}

double sum_of_last(const std::vector<double>& series, std::size_t count) {
  double sum = 0;
  for (auto each = series.rbegin(); each != series.rend() && count > 0; ++each, --count) {
    sum += *each == *each ? *each : 0;  // NaN is not itself
  }
  return sum;
}

std::string per_minute(const std::vector<double>& series) {
  return fmt::format("{:.0f} in the last minute", sum_of_last(series, 60));
}

std::string latency_text(const json_value& overview) {
  std::string text;
  for (const auto* quantile : {"p50", "p90", "p99"}) {
    const auto ms = number_of(overview, std::string{"stages.total."} + quantile);
    text += fmt::format(
        "{}{} {}", text.empty() ? "" : "  ", quantile,
        ms ? show_duration(milliseconds{static_cast<milliseconds::rep>(*ms)}) : "-"
    );
  }
  return text;
}

std::string money_text(const json_value& overview) {
  const auto budget = number_of(overview, "costs.budgetPerDay");
  return fmt::format(
      "{} today{}, {} an hour", show_dollars(number_of(overview, "costs.total").value_or(0)),
      budget ? " of " + show_dollars(*budget) : "",
      show_dollars(number_of(overview, "costs.perHour").value_or(0))
  );
}

std::string counts_text(const json_value& overview) {
  std::string text;
  for (const auto* name : {"pending", "scheduled", "processing", "completed", "failed"}) {
    text += fmt::format("{} {}   ", name, count_of(overview, std::string{"queue.jobs."} + name));
  }
  return text;
}

std::string state_text(const json_value& overview) {
  std::string text = text_of(overview, "queue.state");
  const auto* queue = overview.find("queue");
  const auto paused =
      queue == nullptr ? std::string{} : pauses_text(*queue, time_style::utc, timestamp{});
  return paused.empty() ? text : text + ", " + paused;
}

void add_series_lines(
    std::vector<std::string>& lines, const json_value& overview, const live_layout& layout
) {
  const auto completed = series_of(overview, "completed");
  const auto failed = series_of(overview, "failed");
  lines.push_back(line_with_sparkline(layout, "completed", per_minute(completed), completed));
  lines.push_back(line_with_sparkline(layout, "failed", per_minute(failed), failed));
  lines.push_back(line_with_sparkline(
      layout, "pending",
      fmt::format(
          "{}, oldest {:.0f} s", count_of(overview, "queue.jobs.pending"),
          number_of(overview, "queue.queueAge").value_or(0)
      ),
      series_of(overview, "pending")
  ));
  lines.push_back(line_with_sparkline(
      layout, "workers",
      fmt::format(
          "{} of {} busy", count_of(overview, "workers.busy"), count_of(overview, "workers.total")
      ),
      series_of(overview, "busyWorkers")
  ));
  lines.push_back(line_with_sparkline(
      layout, "calls",
      fmt::format(
          "{} of {} in flight", count_of(overview, "provider.callsInFlight"),
          count_of(overview, "provider.maxInFlight")
      ),
      series_of(overview, "callsInFlight")
  ));
}

void add_figure_lines(
    std::vector<std::string>& lines, const json_value& overview, const live_layout& layout
) {
  lines.push_back(fmt::format("{:<{}} {}", "jobs", name_width, counts_text(overview)));
  add_series_lines(lines, overview, layout);
  lines.push_back(fmt::format("{:<{}} {}", "latency", name_width, latency_text(overview)));
  lines.push_back(fmt::format(
      "{:<{}} {}, breaker {}", "provider", name_width, text_of(overview, "provider.model"),
      explain_breaker(text_of(overview, "provider.breaker"))
  ));
  lines.push_back(fmt::format("{:<{}} {}", "money", name_width, money_text(overview)));
}

}  // namespace

std::vector<std::string> render_live_lines(const json_value& overview, const live_layout& layout) {
  const auto instance = text_of(overview, "instance");
  std::vector<std::string> lines{fmt::format(
      "{}{}  {}  {}", layout.url, instance.empty() ? "" : " [" + instance + "]",
      state_text(overview), text_of(overview, "at")
  )};
  lines.emplace_back();
  if (text_of(overview, "scope") == "all") {
    add_figure_lines(lines, overview, layout);
  } else {
    lines.emplace_back("This key is for some users: it sees no sums of all.");
  }
  for (auto& line : lines) {
    line = cut_to_width(safe_text(line), layout.width, layout.has_blocks);
  }
  return lines;
}

std::string render_live_line(const json_value& overview) {
  return safe_text(fmt::format(
      "{}  {}  pending {}  processing {}  completed {}  failed {}  workers {}/{}  {}",
      text_of(overview, "at"), state_text(overview), count_of(overview, "queue.jobs.pending"),
      count_of(overview, "queue.jobs.processing"), count_of(overview, "queue.jobs.completed"),
      count_of(overview, "queue.jobs.failed"), count_of(overview, "workers.busy"),
      count_of(overview, "workers.total"),
      show_dollars(number_of(overview, "costs.total").value_or(0))
  ));
}

}  // namespace stayler::cli
