// SPDX-License-Identifier: MIT
#pragma once

// What the options that are texts have to look like.

#include "adapters/blob_store/blob_store_schemes.hpp"
#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/config/kinds/option_kinds.hpp"
#include "adapters/encryption/encryption_keys.hpp"
#include "adapters/gemini/gemini_address.hpp"
#include "adapters/gemini/model_list.hpp"
#include "adapters/gemini/price_table.hpp"
#include "adapters/http_client/outgoing_calls.hpp"
#include "adapters/ip_network/ip_network.hpp"
#include "adapters/log/log_levels.hpp"
#include "adapters/node_tls/node_address.hpp"
#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"
#include "adapters/postgres/postgres_url.hpp"
#include "adapters/redis/redis_url.hpp"
#include "adapters/tracing/otlp.hpp"
#include "adapters/tracing/trace_sampler.hpp"
#include "adapters/url/web_origins.hpp"
#include "adapters/url_rules/url_rules.hpp"
#include "messages/base/text.hpp"
#include "messages/service/node.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace stayler::adapters {

/// Text without control characters; also the empty text.
bool is_plain_text(std::string_view text);
bool is_long_secret(std::string_view text);

/// Plain text that is not empty.
bool is_folder_name(std::string_view text);

/// Characters that can stand in a header: printable ASCII without spaces; also the empty text.
bool is_token(std::string_view text);

/// The same without quotes, which no key of the provider's has: each of several may be in them.
bool is_key_list(std::string_view text);

/// http:// or https:// with a host and without credentials, spaces or control characters.
bool is_web_url(std::string_view text);

/// What of that it is not.
std::string why_no_web_url(std::string_view text);

/// Whether only this machine can reach an IP address.
bool is_loopback(std::string_view address);

/// A numeric IPv4 or IPv6 address.
bool is_ip_address(std::string_view text);

/// Why parse_redis_url() does not read it.
std::string why_no_redis_url(std::string_view text);

/// What the parser of another part of the service reads.
template <auto Parse>
bool is_readable(std::string_view text) {
  return Parse(text).has_value();
}

/// What that parser finds wrong.
template <auto Parse>
std::string why_unreadable(std::string_view text) {
  const auto read = Parse(text);
  return read ? std::string{} : read.error().message;
}

/// Which entry of a list, between commas, that parser does not read; "" where it reads each alone.
template <auto Parse>
std::string which_is_unreadable(std::string_view list) {
  for (std::size_t number = 1; !list.empty(); ++number) {
    if (!is_readable<Parse>(trim(take_until(list, ",")))) {
      return "entry " + std::to_string(number) + " of the list is malformed";
    }
  }
  return {};
}

namespace text_formats {

using option_kinds::text_format;

inline constexpr text_format long_secret{
    is_long_secret, "32 or more characters, none of them a control character"};
inline constexpr text_format file_name{is_plain_text, "a file's name"};
inline constexpr text_format folder_name{is_folder_name, "a folder's name"};
inline constexpr text_format profile_name{is_folder_name, "a profile's name"};
inline constexpr text_format token{is_token, "printable ASCII characters without spaces"};
inline constexpr text_format provider_keys{
    is_key_list, "printable ASCII characters without spaces and quotes"};
inline constexpr text_format model_name{
    is_model_name, "a model's name: letters, digits, and . _ -"};
inline constexpr text_format model_names{
    .accepts = is_readable<read_model_names>,
    .description = "MODEL,MODEL,... at most eight, each once",
    .explain = why_unreadable<read_model_names>};
inline constexpr text_format short_name{
    is_node_name, "1 to 64 letters, digits, dots, dashes or underscores"};
inline constexpr text_format web_url{
    .accepts = is_web_url,
    .description = "an http:// or https:// address without credentials",
    .explain = why_no_web_url};
inline constexpr text_format gemini_address{
    .description = "an http:// or https:// address without credentials, as it is before /v1beta",
    .read = read_gemini_address};
inline constexpr text_format ip_address{is_ip_address, "a numeric IP address"};
inline constexpr text_format ip_networks{
    .accepts = is_readable<parse_ip_networks>,
    .description = "ADDRESS[/BITS],... such as 192.0.2.7,10.0.0.0/8",
    .explain = which_is_unreadable<parse_ip_networks>};
inline constexpr text_format listen_address{
    .accepts = is_readable<parse_listen_address>,
    .description = "ADDRESS:PORT with a numeric IP address",
    .explain = why_unreadable<parse_listen_address>};
inline constexpr text_format coordinators{
    .accepts = is_readable<parse_join_addresses>,
    .description = "HOST:PORT[,HOST:PORT...]",
    .explain = which_is_unreadable<parse_join_addresses>};
inline constexpr text_format url_hosts{
    .accepts = is_readable<parse_host_patterns>,
    .description = "HOST[:PORT] or *.DOMAIN[:PORT],...",
    .explain = which_is_unreadable<parse_host_patterns>};
inline constexpr text_format web_hook_secrets{
    .accepts = is_readable<parse_web_hook_secrets>,
    .description =
        "up to 5 secrets separated by blanks or commas, each whsec_ and the base64 of 24 to 64 "
        "bytes "
        "(as of openssl rand -base64 32), with or without the whsec_"};
inline constexpr text_format web_origins{
    .accepts = is_readable<parse_web_origins>,
    .description =
        "http(s)://HOST[:PORT],... without a path; no wildcards, each origin by its name",
    .explain = which_is_unreadable<parse_web_origins>};
inline constexpr text_format caller_keys{
    .accepts = is_readable<parse_caller_keys>,
    .description =
        "NAME:ROLE:SHA256[:USER[+USER...]][:rate=PER_SECOND[/BURST]],... or one per line; in a "
        "USER, + , % and blanks are %2B %2C %25 %20",
    .explain = why_unreadable<parse_caller_keys>};
inline constexpr text_format encryption_key_list{
    .accepts = is_readable<encryption_keys::parse>,
    .description = "ID:KEY[,ID:KEY...][,plain] or one per line, each KEY 32 bytes in base64",
    .explain = why_unreadable<encryption_keys::parse>};
inline constexpr text_format price_list{
    .accepts = is_readable<read_prices>,
    .description = "MODEL=INPUT/TEXT/IMAGE,... in US dollars per million tokens",
    .explain = which_is_unreadable<read_prices>};
inline constexpr text_format service_name{is_folder_name, "plain text"};
inline constexpr text_format sampler{
    trace_sampler::knows, "always_on, always_off or traceidratio, each also behind parentbased_"};
inline constexpr text_format export_headers{
    .accepts = is_readable<parse_export_headers>,
    .description = "NAME=VALUE,... with percent-encoded values",
    .explain = why_unreadable<parse_export_headers>};
inline constexpr text_format levels{is_readable<parse_log_levels>, {}, allowed_log_levels};
inline constexpr text_format redis_url{
    .accepts = is_readable<parse_redis_url>,
    .describe = redis_url_forms,
    .explain = why_no_redis_url};
inline constexpr text_format postgres_url{
    .accepts = is_readable<parse_postgres_url>,
    .description = "postgres://[user[:password]@][host][:port][/database][?option=value&...]",
    .explain = why_unreadable<parse_postgres_url>};
inline constexpr text_format storage_url{
    .accepts = is_blob_store_url, .describe = blob_store_url_forms, .explain = blob_store_url_flaw};
inline constexpr text_format proxy_url{
    .accepts = is_readable<parse_proxy_url>,
    .description = proxy_url_form,
    .explain = why_unreadable<parse_proxy_url>};
inline constexpr text_format proxy_exceptions{
    .accepts = is_readable<parse_proxy_exceptions>,
    .description =
        "* for all, or HOST, .DOMAIN, ADDRESS or ADDRESS/BITS,... such as .internal,10.0.0.0/8",
    .explain = why_unreadable<parse_proxy_exceptions>};

}  // namespace text_formats

}  // namespace stayler::adapters
