// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_connection.hpp"

#include "adapters/postgres/postgres_hosts.hpp"
#include "messages/base/text.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <poll.h>
#include <utility>

namespace stayler::adapters {

namespace {

/// What the URL may override.
constexpr std::array<std::pair<const char*, const char*>, 6> defaults{{
    {"keepalives", "1"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "5"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "5000"},
    {"fallback_application_name", "stayler-worker"},
}};

bool is_one_of(std::string_view state, std::initializer_list<std::string_view> states) noexcept {
  return std::ranges::find(states, state) != states.end();
}

std::string first_line(std::string_view text) {
  return std::string{text.substr(0, text.find('\n'))};
}

/// The SQLSTATE in a verbose message, "...:  28P01: ...", which names the severity in the server's
/// language in front of it; empty where the message is not from the server.
std::string state_in(std::string_view message) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t at = message.find(":  "); at != std::string_view::npos;
       at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, 5);
    if (state.size() == 5 && consists_of(state, digits) && message.substr(at + 8, 2) == ": ") {
      return std::string{state};
    }
  }
  return {};
}

// What has been answered is durable, also where the server is set up to answer earlier. A process
// that hangs in the middle of a transaction does not hold its locks for ever.
const std::string settings_sql =
    "SELECT set_config('timezone', 'UTC', $1), set_config('statement_timeout', $2, $1),"
    " set_config('idle_in_transaction_session_timeout', $3, $1),"
    " set_config('search_path', coalesce($4, current_setting('search_path')), $1),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, $1)";

postgres_values settings_of(const postgres_options& options, bool is_for_one_transaction) {
  return {
      is_for_one_transaction ? "true" : "false", std::to_string(options.statement_timeout.count()),
      std::to_string(options.idle_timeout.count()), text_or_null(options.search_path)};
}

/// One of the URL's hosts: libpq alone would never leave one that does not answer, since it is not
/// waited for in a call of its own. Of several only a server that takes writes will do.
pg_conn* start_connecting(
    const postgres_options& options, const postgres_host& host, bool is_one_of_several
) {
  std::vector<const char*> names;
  std::vector<const char*> values;
  const auto add = [&](const char* name, const char* value) {
    names.push_back(name);
    values.push_back(value);
  };
  for (const auto& [name, value] : defaults) {
    add(name, value);
  }
  if (is_one_of_several) {
    add("target_session_attrs", "read-write");
  }
  add("dbname", options.url.c_str());
  if (is_one_of_several) {
    add("host", host.name.c_str());
    add("hostaddr", host.address.c_str());
    add("port", host.port.c_str());
  }
  add("client_encoding", "UTF8");
  add(nullptr, nullptr);
  return PQconnectStartParams(names.data(), values.data(), 1);
}

}  // namespace

error_class class_of_sqlstate(std::string_view state) noexcept {
  const std::string_view group = state.substr(0, 2);
  if (is_one_of(state, {"53100", "53200"})) {
    return error_class::store_full;
  }
  if (group == "28") {
    return error_class::authentication;
  }
  if (state == "42501") {
    return error_class::permission;
  }
  if (is_one_of(state, {"23505", "23P01"})) {
    return error_class::conflict;
  }
  if (is_one_of(group, {"22", "23"})) {
    return error_class::invalid_input;
  }
  // A database that is being restored is not there for a while (3D000).
  const bool is_away = is_one_of(group, {"08", "40", "53", "55", "57", "58"})
                       || is_one_of(state, {"25006", "25P03", "3D000"});
  return is_away ? error_class::unavailable : error_class::internal_bug;
}

postgres_value text_or_null(const std::string& text) {
  return text.empty() ? std::nullopt : postgres_value{text};
}

std::string postgres_array(const std::vector<std::string>& elements) {
  std::string array = "{";
  for (const std::string& element : elements) {
    array += array.size() > 1 ? ",\"" : "\"";
    for (const char c : element) {
      array += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
    }
    array += '"';
  }
  return array + "}";
}

void postgres_rows::closer::operator()(pg_result* rows) const noexcept {
  PQclear(rows);
}

std::size_t postgres_rows::size() const noexcept {
  return static_cast<std::size_t>(PQntuples(rows_.get()));
}

std::uint64_t postgres_rows::changed() const noexcept {
  return parse_number<std::uint64_t>(PQcmdTuples(rows_.get())).value_or(0);
}

std::string_view postgres_rows::view(std::size_t row, int column) const noexcept {
  const int at = static_cast<int>(row);
  return {
      PQgetvalue(rows_.get(), at, column),
      static_cast<std::size_t>(PQgetlength(rows_.get(), at, column))};
}

std::string postgres_rows::text(std::size_t row, int column) const {
  return std::string{view(row, column)};
}

std::int64_t postgres_rows::number(std::size_t row, int column) const noexcept {
  return parse_number<std::int64_t>(view(row, column)).value_or(0);
}

void postgres_connection::closer::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

result<postgres_connection> postgres_connection::open(const postgres_options& options) {
  const auto hosts = postgres_hosts_in(options.url);
  if (!hosts) {
    return hosts.error();
  }
  failure refused;
  for (const postgres_host& host : *hosts) {
    auto made = open_at(options, host, hosts->size() > 1);
    if (made || made.error().kind == error_class::authentication) {
      return made;
    }
    const std::string before = refused ? refused.message + "; " : "";
    refused = std::move(made).error();
    refused.message = before + refused.message;
  }
  return refused;
}

result<postgres_connection> postgres_connection::open_at(
    const postgres_options& options, const postgres_host& host, bool is_one_of_several
) {
  postgres_connection made{start_connecting(options, host, is_one_of_several)};
  if (!made.connection_) {
    return failure{error_class::unavailable, "PostgreSQL: out of memory"};
  }
  if (auto in = made.log_in(options); !in) {
    return std::move(in).error();
  }
  if (auto ready = made.set_up(options); !ready) {
    return std::move(ready).error();
  }
  return made;
}

void_result postgres_connection::log_in(const postgres_options& options) {
  pg_conn* connection = connection_.get();
  const moment deadline = std::chrono::steady_clock::now() + options.connect_timeout;
  // An error of the login has no result to ask for its SQLSTATE: only a verbose message tells it.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr
  );
  auto wanted =
      PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
    if (!wait_for(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
      return broken("no answer in time");
    }
    wanted = PQconnectPoll(connection);
  }
  if (wanted != PGRES_POLLING_OK) {
    return refused_login();
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  return ok();
}

/// Settings of a session go with it, and behind a pooler to whoever has it next: so they are made
/// only where the session is the one that was logged in to. A pooler shows by the number of the
/// session, which it makes up.
void_result postgres_connection::set_up(const postgres_options& options) {
  answer_timeout_ = options.answer_timeout;
  PQsetnonblocking(connection_.get(), 1);
  settings_ = settings_of(options, true);
  is_pooled_ = options.is_pooled;
  if (is_pooled_) {
    return ok();
  }
  postgres_values here = settings_of(options, false);
  here.emplace_back(std::to_string(PQbackendPID(connection_.get())));
  const auto done = execute(settings_sql + " WHERE pg_backend_pid() = $5", here);
  if (!done) {
    return done.error();
  }
  is_pooled_ = done->size() == 0;
  return ok();
}

void_result postgres_connection::begin() {
  auto begun = execute("BEGIN ISOLATION LEVEL READ COMMITTED");
  if (begun && is_pooled_) {
    begun = execute(settings_sql, settings_);
  }
  return begun ? ok() : void_result{std::move(begun).error()};
}

bool postgres_connection::wait_for(short events, moment deadline) const {
  const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd watched{PQsocket(connection_.get()), events, 0};
  return left.count() > 0 && poll(&watched, 1, static_cast<int>(left.count())) > 0;
}

/// The server is heard meanwhile: it may wait for that before it takes more.
bool postgres_connection::send_all(moment deadline) {
  int unsent = PQflush(connection_.get());
  while (unsent == 1) {
    if (!wait_for(POLLIN | POLLOUT, deadline) || PQconsumeInput(connection_.get()) == 0) {
      return false;
    }
    unsent = PQflush(connection_.get());
  }
  return unsent == 0;
}

bool postgres_connection::receive_all(moment deadline) {
  while (PQisBusy(connection_.get()) == 1) {
    if (!wait_for(POLLIN, deadline) || PQconsumeInput(connection_.get()) == 0) {
      return false;
    }
  }
  return true;
}

result<postgres_rows> postgres_connection::execute(
    const std::string& sql, const postgres_values& parameters
) {
  last_error_ = {};
  std::vector<const char*> values;
  for (const postgres_value& value : parameters) {
    if (value && value->find('\0') != std::string::npos) {
      return failure{
          error_class::invalid_input, "PostgreSQL: a text with a zero byte cannot be stored"};
    }
    values.push_back(value ? value->c_str() : nullptr);
  }
  const moment deadline = std::chrono::steady_clock::now() + answer_timeout_;
  const int sent = PQsendQueryParams(
      connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
      nullptr, nullptr, 0
  );
  if (sent == 0) {
    return broken(PQerrorMessage(connection_.get()));
  }
  if (!send_all(deadline) || !receive_all(deadline)) {
    const bool is_late = std::chrono::steady_clock::now() >= deadline;
    return broken(is_late ? "no answer in time" : PQerrorMessage(connection_.get()));
  }
  auto answer = read_result();
  // A statement's results end with a null, which may still be on its way.
  while (receive_all(deadline)) {
    pg_result* const rest = PQgetResult(connection_.get());
    if (rest == nullptr) {
      return answer;
    }
    PQclear(rest);
  }
  is_broken_ = true;
  return answer;
}

result<postgres_rows> postgres_connection::read_result() {
  pg_result* const got = PQgetResult(connection_.get());
  if (got == nullptr) {
    return broken(PQerrorMessage(connection_.get()));
  }
  postgres_rows rows{got};
  const auto status = PQresultStatus(got);
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
    return rows;
  }
  const auto field = [got](int which) {
    const char* const said = PQresultErrorField(got, which);
    return std::string{said == nullptr ? "" : said};
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  if (state.empty()) {
    return broken(PQresultErrorMessage(got));
  }
  last_error_ = {
      state, field(PG_DIAG_TABLE_NAME), field(PG_DIAG_COLUMN_NAME), field(PG_DIAG_CONSTRAINT_NAME),
      first_line(field(PG_DIAG_MESSAGE_PRIMARY))};
  return failure{class_of_sqlstate(state), "PostgreSQL: " + last_error_.text + " (" + state + ")"};
}

bool postgres_connection::is_usable() {
  // Between statements a server says nothing but that its settings have changed, or good-bye.
  pollfd watched{PQsocket(connection_.get()), POLLIN, 0};
  while (!is_broken_ && PQstatus(connection_.get()) == CONNECTION_OK && poll(&watched, 1, 0) > 0) {
    is_broken_ = PQconsumeInput(connection_.get()) == 0;
  }
  return !is_broken_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

failure postgres_connection::refused_login() {
  const std::string said = PQerrorMessage(connection_.get());
  const std::string state = state_in(said);
  last_error_.state = state;
  const bool lacks_password = PQconnectionNeedsPassword(connection_.get()) == 1;
  is_broken_ = true;
  if (state.empty() && !lacks_password) {
    return broken(said);
  }
  return {
      lacks_password ? error_class::authentication : class_of_sqlstate(state),
      "PostgreSQL: " + first_line(said)};
}

failure postgres_connection::broken(std::string_view what) {
  is_broken_ = true;
  return {error_class::unavailable, "PostgreSQL: " + first_line(what)};
}

}  // namespace stayler::adapters
