// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/text_table.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

using adapters::json_value;

/// A cell of a CSV file (RFC 4180); one that a spreadsheet would take for a formula is text.
std::string csv_cell(const std::string& text) {
  const bool may_be_formula =
      !text.empty() && std::string_view{"=+-@"}.find(text[0]) != std::string_view::npos;
  if (!may_be_formula && text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = may_be_formula ? "\"'" : "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string{c};
  }
  return quoted + "\"";
}

void print_csv(const console& out, const json_value& costs) {
  out.print("day,user,calls,promptTokens,textTokens,imageTokens,cost");
  for (const auto& user : list_of(costs, "users")) {
    out.print(fmt::format(
        "{},{},{},{},{},{},{}", text_of(costs, "day"), csv_cell(text_of(user, "userId")),
        text_of(user, "calls"), text_of(user, "promptTokens"), text_of(user, "textTokens"),
        text_of(user, "imageTokens"), text_of(user, "cost")
    ));
  }
}

std::string budget_text(const json_value& costs, std::string_view path) {
  const auto budget = number_of(costs, path);
  return budget ? show_dollars(*budget) : "none";
}

int run_costs(command_context& context) {
  const auto answer = context.api().ask({.path = "/worker/costs"}, "cannot show the costs");
  const auto costs = answer.json();
  if (context.out.is_json()) {
    context.print_json(answer.body);
    return 0;
  }
  if (context.given.has("csv")) {
    print_csv(context.out, costs);
    return 0;
  }
  text_table table{{"user", "calls", "tokens", "cost"}};
  for (const auto& user : list_of(costs, "users")) {
    table.add(
        {{text_of(user, "userId")},
         {text_of(user, "calls")},
         {std::to_string(
             count_of(user, "promptTokens") + count_of(user, "textTokens")
             + count_of(user, "imageTokens")
         )},
         {show_dollars(number_of(user, "cost").value_or(0))}}
    );
  }
  const auto facts = render_facts(
      context.out,
      {{"day", text_of(costs, "day") + ", which ends " + context.time(text_of(costs, "resetsAt"))},
       {"spent", fmt::format(
                     "{} for {} calls", show_dollars(number_of(costs, "total.cost").value_or(0)),
                     count_of(costs, "total.calls")
                 )},
       {"reserved",
        show_dollars(number_of(costs, "reserved").value_or(0)) + " for calls in flight"},
       {"budget", budget_text(costs, "budgetPerDay")},
       {"budget per user", budget_text(costs, "budgetPerUser")}}
  );
  context.out.print(table.is_empty() ? facts : facts + "\n\n" + table.render(context.out));
  return 0;
}

}  // namespace

std::vector<command_spec> money_commands() {
  return {
      {.name = "costs",
       .summary = "show what today's calls to the provider have cost, by user",
       .description = "The day is the provider's, which ends at midnight Pacific time.",
       .role = "viewer",
       .flags = {{.names = "--csv", .value = "", .meaning = "as CSV"}},
       .run = &run_costs},
  };
}

}  // namespace stayler::cli
