// SPDX-License-Identifier: MIT
#include "tests/e2e/support/span_collector.hpp"

#include "adapters/json/json_reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_exchange.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <sstream>
#include <string_view>

namespace stayler::test {

namespace {

using adapters::json_value;

constexpr std::int64_t producer = 4;

const json_value::array& items_at(const json_value& of, std::string_view name) {
  const json_value* found = of.find(name);
  REQUIRE(found != nullptr);
  const auto* items = found->as<json_value::array>();
  REQUIRE(items != nullptr);
  return *items;
}

std::string text_of(const json_value& of, std::string_view name) {
  const json_value* found = of.find(name);
  const auto* text = found != nullptr ? found->as<std::string>() : nullptr;
  return text != nullptr ? *text : std::string{};
}

/// The values of attributes as texts, of whatever type they are.
std::map<std::string, std::string> attributes_of(const json_value& of) {
  std::map<std::string, std::string> all;
  for (const json_value& each : items_at(of, "attributes")) {
    const json_value& content = *each.find("value");
    std::string& text = all[text_of(each, "key")];
    text = text_of(content, "stringValue") + text_of(content, "intValue");
    if (const json_value* flag = content.find("boolValue")) {
      text = *flag->as<bool>() ? "true" : "false";
    }
  }
  return all;
}

collected_span read_span(const json_value& from, const std::string& instance) {
  collected_span read;
  read.trace = text_of(from, "traceId");
  read.id = text_of(from, "spanId");
  read.parent = text_of(from, "parentSpanId");
  read.name = text_of(from, "name");
  read.kind = *from.find("kind")->as<std::int64_t>();
  read.began = std::stoull(text_of(from, "startTimeUnixNano"));
  read.ended = std::stoull(text_of(from, "endTimeUnixNano"));
  read.instance = instance;
  read.attributes = attributes_of(from);
  return read;
}

void read_export(const std::string& request, collected_spans& into) {
  const auto parsed = adapters::parse_json(request.substr(request.find("\r\n\r\n") + 4));
  REQUIRE(parsed);
  for (const json_value& resource : items_at(*parsed, "resourceSpans")) {
    const std::string instance = attributes_of(*resource.find("resource"))["service.instance.id"];
    for (const json_value& scope : items_at(resource, "scopeSpans")) {
      for (const json_value& each : items_at(scope, "spans")) {
        into.push_back(read_span(each, instance));
      }
    }
  }
}

const collected_span* find_span(const collected_spans& trace, const std::string& id) {
  const auto found = std::ranges::find(trace, id, &collected_span::id);
  return found == trace.end() ? nullptr : &*found;
}

double milliseconds_between(std::uint64_t from, std::uint64_t to) {
  return (static_cast<double>(to) - static_cast<double>(from)) / 1e6;
}

/// A bar from where the span begins to where it ends, of so many columns in all.
std::string bar_of(const collected_span& span, std::uint64_t begin, std::uint64_t end) {
  constexpr double columns = 40;
  const double whole = std::max(milliseconds_between(begin, end), 0.001);
  const auto column = [&](std::uint64_t at) {
    return static_cast<std::size_t>(columns * milliseconds_between(begin, at) / whole);
  };
  const std::size_t first = std::min(column(span.began), std::size_t{39});
  const std::size_t length = std::max(column(span.ended) - first, std::size_t{1});
  std::string bar(40, '.');
  return bar.replace(first, std::min(length, 40 - first), std::min(length, 40 - first), '#');
}

void write_below(
    const collected_spans& trace, const std::string& parent, std::size_t depth, std::ostream& out
) {
  std::uint64_t end = 0;
  for (const collected_span& each : trace) {
    end = std::max(end, each.ended);
  }
  for (const collected_span& each : trace) {
    if (each.parent != parent) {
      continue;
    }
    const auto error = each.attributes.find("error.type");
    char line[256];
    const std::string name = std::string(2 * depth, ' ') + each.name
                             + (error == each.attributes.end() ? "" : " (" + error->second + ")");
    std::snprintf(
        line, sizeof line, "%-48s %s %9.1f ms\n", name.c_str(),
        bar_of(each, trace.front().began, end).c_str(), milliseconds_between(each.began, each.ended)
    );
    out << line;
    write_below(trace, each.id, depth + 1, out);
  }
}

}  // namespace

collected_spans span_collector::of_trace(const std::string& trace) const {
  collected_spans all;
  for (const std::string& request : exports()) {
    read_export(request, all);
  }
  std::erase_if(all, [&](const collected_span& each) { return each.trace != trace; });
  std::ranges::stable_sort(all, {}, &collected_span::began);
  return all;
}

collected_spans named(const collected_spans& spans, const std::string& name) {
  collected_spans found;
  std::ranges::copy_if(spans, std::back_inserter(found), [&](const collected_span& each) {
    return each.name == name;
  });
  return found;
}

std::string flaws_of(const collected_spans& trace, const std::string& root) {
  std::string flaws;
  std::set<std::string> ids;
  for (const collected_span& each : trace) {
    if (!ids.insert(each.id).second) {
      flaws += each.name + " has an id that is there twice\n";
    }
    if (each.began > each.ended) {
      flaws += each.name + " ends before it begins\n";
    }
    const collected_span* parent = find_span(trace, each.parent);
    if (parent == nullptr) {
      flaws += each.parent == root ? "" : each.name + " is below a span that is not there\n";
    } else if (parent->kind != producer && (each.began < parent->began || each.ended > parent->ended)) {
      flaws += each.name + " sticks out of " + parent->name + "\n";
    }
  }
  return flaws;
}

std::string waterfall(const collected_spans& trace, const std::string& root) {
  std::ostringstream out;
  write_below(trace, root, 0, out);
  return out.str();
}

}  // namespace stayler::test
