// SPDX-License-Identifier: MIT
#include "http/server/memory/http_memory.hpp"

namespace stayler::http {

response no_room_answer() {
  auto answer = make_problem(
      503, "Service Unavailable",
      failure{
          error_class::unavailable, "too many large requests and answers are under way; try again"}
  );
  answer.headers.emplace_back("Retry-After", "5");
  return answer;
}

}  // namespace stayler::http
