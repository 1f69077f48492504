// SPDX-License-Identifier: MIT
#pragma once

// What the options that are texts have to look like.

#include "adapters/blob_store/blob_store_schemes.hpp"
#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/config/kinds/option_kinds.hpp"
#include "adapters/gemini/gemini_address.hpp"
#include "adapters/gemini/model_list.hpp"
#include "adapters/gemini/price_table.hpp"
#include "adapters/image_source/image_url.hpp"
#include "adapters/ip_network/ip_network.hpp"
#include "adapters/log/log_levels.hpp"
#include "adapters/node_tls/node_address.hpp"
#include "adapters/postgres/postgres_url.hpp"
#include "adapters/url/web_origins.hpp"
#include "messages/service/node.hpp"

#include <string_view>

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

/// Whether only this machine can reach an IP address.
bool is_loopback(std::string_view address);

/// A numeric IPv4 or IPv6 address.
bool is_ip_address(std::string_view text);

/// What parse_redis_url() reads; also the empty text.
bool is_redis_url(std::string_view text);

/// What the parser of another part of the service reads.
template <auto Parse>
bool is_readable(std::string_view text) {
  return Parse(text).has_value();
}

namespace text_formats {

using option_kinds::text_format;

inline constexpr text_format plain_text{is_plain_text, "text without control characters"};
inline constexpr text_format long_secret{
    is_long_secret, "32 or more characters, none of them a control character"};
inline constexpr text_format file_name{is_plain_text, "a file's name"};
inline constexpr text_format folder_name{is_folder_name, "a folder's name"};
inline constexpr text_format token{is_token, "printable ASCII characters without spaces"};
inline constexpr text_format provider_keys{
    is_key_list, "printable ASCII characters without spaces and quotes"};
inline constexpr text_format model_name{
    is_model_name, "a model's name: letters, digits, and . _ -"};
inline constexpr text_format model_names{
    is_readable<read_model_names>, "MODEL,MODEL,... at most eight, each once"};
inline constexpr text_format short_name{
    is_node_name, "1 to 64 letters, digits, dots, dashes or underscores"};
inline constexpr text_format web_url{
    is_web_url, "an http:// or https:// address without credentials"};
inline constexpr text_format gemini_address{
    .accepts = is_readable<read_gemini_address>,
    .description = "an http:// or https:// address without credentials, as it is before /v1beta",
    .read = read_gemini_address};
inline constexpr text_format ip_address{is_ip_address, "a numeric IP address"};
inline constexpr text_format ip_networks{
    is_readable<parse_ip_networks>, "ADDRESS[/BITS],... such as 192.0.2.7,10.0.0.0/8"};
inline constexpr text_format listen_address{
    is_readable<parse_listen_address>, "ADDRESS:PORT with a numeric IP address"};
inline constexpr text_format coordinators{
    is_readable<parse_join_addresses>, "HOST:PORT[,HOST:PORT...]"};
inline constexpr text_format image_hosts{
    is_readable<parse_host_patterns>, "HOST[:PORT] or *.DOMAIN[:PORT],..."};
inline constexpr text_format web_origins{
    is_readable<parse_web_origins>,
    "http(s)://HOST[:PORT],... without a path; no wildcards, each origin by its name"};
inline constexpr text_format caller_keys{
    is_readable<parse_caller_keys>,
    "NAME:ROLE:SHA256[:USER[+USER...]][:rate=PER_SECOND[/BURST]],... or one per line"};
inline constexpr text_format price_list{
    is_readable<read_prices>, "MODEL=INPUT/TEXT/IMAGE,... in US dollars per million tokens"};
inline constexpr text_format levels{is_readable<parse_log_levels>, {}, allowed_log_levels};
inline constexpr text_format redis_url{
    is_redis_url, "redis://[[user]:password@]host[:port][/database], rediss://... or unix:///path"};
inline constexpr text_format postgres_url{
    is_readable<parse_postgres_url>,
    "postgres://[user[:password]@][host][:port][/database][?option=value&...]"};
inline constexpr text_format storage_url{is_blob_store_url, {}, blob_store_url_forms};

}  // namespace text_formats

}  // namespace stayler::adapters
