// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

// What spans and their attributes are called. Where OpenTelemetry's semantic conventions have a
// name (of version 1.45; those for generative AI are not stable) it is theirs, else it begins with
// "stayler.". docs/tracing.md has the tables.

namespace stayler::adapters::span_names {

inline constexpr std::string_view send = "send jobs";
inline constexpr std::string_view wait = "wait in queue";
inline constexpr std::string_view process = "process job";
inline constexpr std::string_view generate = "generate_content";
inline constexpr std::string_view wait_for_permit = "wait for permit";
inline constexpr std::string_view fetch_image = "fetch image";
inline constexpr std::string_view decode_image = "decode image";
inline constexpr std::string_view notify = "notify";
inline constexpr std::string_view post = "POST";

}  // namespace stayler::adapters::span_names

namespace stayler::adapters::attributes {

inline constexpr std::string_view error_type = "error.type";
inline constexpr std::string_view http_method = "http.request.method";
inline constexpr std::string_view http_resend_count = "http.request.resend_count";
inline constexpr std::string_view http_route = "http.route";
inline constexpr std::string_view http_status = "http.response.status_code";
inline constexpr std::string_view server_address = "server.address";
inline constexpr std::string_view messaging_system = "messaging.system.name";
inline constexpr std::string_view messaging_operation = "messaging.operation.name";
inline constexpr std::string_view messaging_operation_type = "messaging.operation.type";
inline constexpr std::string_view messaging_batch_size = "messaging.batch.message_count";
inline constexpr std::string_view message_id = "messaging.message.id";
inline constexpr std::string_view gen_ai_operation = "gen_ai.operation.name";
inline constexpr std::string_view gen_ai_provider = "gen_ai.provider.name";
inline constexpr std::string_view gen_ai_request_model = "gen_ai.request.model";
inline constexpr std::string_view gen_ai_response_model = "gen_ai.response.model";
inline constexpr std::string_view gen_ai_response_id = "gen_ai.response.id";
inline constexpr std::string_view gen_ai_output_type = "gen_ai.output.type";
inline constexpr std::string_view gen_ai_input_tokens = "gen_ai.usage.input_tokens";
inline constexpr std::string_view gen_ai_output_tokens = "gen_ai.usage.output_tokens";

inline constexpr std::string_view request_id = "stayler.request_id";
inline constexpr std::string_view job_type = "stayler.job.type";
inline constexpr std::string_view attempt = "stayler.attempt";
inline constexpr std::string_view worker = "stayler.worker";
inline constexpr std::string_view outcome = "stayler.outcome";
inline constexpr std::string_view duplicate = "stayler.duplicate";
inline constexpr std::string_view event = "stayler.event";
inline constexpr std::string_view channel = "stayler.channel";
inline constexpr std::string_view cost = "stayler.cost_usd";
inline constexpr std::string_view shared = "stayler.shared_result";

}  // namespace stayler::adapters::attributes
