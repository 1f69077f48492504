// SPDX-License-Identifier: MIT
#pragma once

// How options are named outside: by variables, by files that hold a secret, and by flags.

#include "adapters/config/option_table.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// The end of the variable that names the file which holds a secret: GEMINI_API_KEY_FILE.
inline constexpr std::string_view file_suffix = "_FILE";

/// An option, and whether it is named by the variable of its file.
struct named_option {
  const option* which = nullptr;
  bool by_file = false;
};

/// The option of that variable; without one where there is none.
named_option find_named_option(std::string_view variable);

/// All variables, those of files as well.
std::vector<std::string> known_variables();

/// Whether a variable of the environment, with that value, is meant for this service but misspelt.
/// WORKER_, GEMINI_, RETRY_, RESULT_CACHE_, IMAGE_URL_ and CODEC_ are prefixes of this service
/// alone: all unknown names that begin so are. The other prefixes (those of the option table:
/// REDIS_, S3_, NODE_, ...) are shared with other programs, as in REDIS_HOST or NODE_ENV: there a
/// name is misspelt where it is one edit away from an option's, or two where that one has eight
/// characters or more behind the prefix.
bool is_misspelt(std::string_view variable, std::string_view value);

/// The variable that a name of the environment may be meant for although it is not near enough to
/// count as misspelt: the one has all words of the other, as S3_SECRET_KEY and
/// S3_SECRET_ACCESS_KEY, or NODE_TLS_CERT and NODE_TLS_CERTIFICATE. Names of less than three words
/// say too little. Empty where there is none.
std::string variable_with_words_of(std::string_view name);

/// Kubernetes puts the addresses of a namespace's services into the environment of its containers:
/// for one named "worker-http" WORKER_HTTP_PORT=tcp://10.0.0.7:8080. Whether this is such a
/// variable, which then says nothing about an option of that name.
bool is_service_link(std::string_view variable, std::string_view value);

/// "WORKER_MAX_WORKERS" for "--worker-max-workers".
std::string variable_of_flag(std::string_view flag);

/// "--worker-max-workers" for "WORKER_MAX_WORKERS".
std::string flag_of_variable(std::string_view variable);

}  // namespace stayler::adapters
