// SPDX-License-Identifier: MIT

// Proves which variables of the environment are taken for misspelt ones, and how names are
// compared.

#include "adapters/config/loading/variable_names.hpp"

#include "adapters/config/wording.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace stayler::adapters;

TEST_CASE("no variable of an option is misspelt, and each is when its last letter is missing") {
  for (const std::string& known : known_variables()) {
    INFO(known);
    const std::string shortened = known.substr(0, known.size() - 1);
    CHECK_FALSE(is_misspelt(known, "x"));
    CHECK(is_misspelt(shortened, "x"));
    const auto nearest = nearest_name(shortened, known_variables());
    // Another name may be one letter away, too: NODE_TLS_CA from NODE_TLS_CR.
    const bool is_as_near =
        nearest.size() == shortened.size()
        && nearest.substr(0, nearest.size() - 1) == shortened.substr(0, shortened.size() - 1);
    CHECK((nearest == known || is_as_near));
  }
}

TEST_CASE("under a prefix of this service alone every unknown name is misspelt") {
  for (const auto* name :
       {"WORKER_COLOUR", "GEMINI_KEY", "RETRY_", "WORKER_NODE_ENV", "RESULT_CACHE_SIZE",
        "IMAGE_URL_HOSTS", "CODEC_THREADS"}) {
    INFO(name);
    CHECK(is_misspelt(name, "x"));
  }
}

TEST_CASE("under a shared prefix a name is misspelt where it is very near to an option's") {
  for (const auto* name :
       {"REDIS_ULR", "REDIS_UR", "DATABASE_ULR_FILE", "STORAGE_URLL", "S3_ACCESS_KEYID",
        "S3_SECRET_ACESS_KEI", "NODE_JION", "NODE_NAMES", "NODE_TLS_CERTIFCATE", "QUEUE_BAKEND",
        "QUEUE_MAXJOB", "IMAGE_URL_ALLOWED", "RESULT_CACHE_MAX_BYTE", "SQLITE_SYNCHRONUOS"}) {
    INFO(name);
    CHECK(is_misspelt(name, "x"));
  }
}

TEST_CASE("names of other programs with such a prefix are not misspelt") {
  for (const auto* name :
       {"REDIS_HOST",
        "REDIS_PORT",
        "REDIS_PASSWORD",
        "REDIS_DB",
        "REDIS_SSL",
        "REDIS_TLS",
        "REDIS_SSL_FILE",
        "DATABASE_HOST",
        "DATABASE_NAME",
        "STORAGE_PATH",
        "STORAGE_CLASS",
        "S3_BUCKET",
        "S3_REGION",
        "S3_ENDPOINT",
        "S3_SECRET_KEY",
        "S3_ACCESS_KEY",
        "NODE_ENV",
        "NODE_OPTIONS",
        "NODE_PATH",
        "NODE_HOME",
        "NODE_VERSION",
        "NODE_IP",
        "NODE_EXTRA_CA_CERTS",
        "NODE_PORT",
        "QUEUE_URL",
        "QUEUE_HOST",
        "IMAGE_NAME",
        "IMAGE_TAG",
        "IMAGE_URL",
        "SQLITE_TMPDIR",
        "RESULT_DIR",
        "CODE_NAME",
        "RADIS_URL",
        "REDIS",
        "_",
        "",
        "NODE_TLS_REJECT_UNAUTHORIZED"}) {
    INFO(name);
    CHECK_FALSE(is_misspelt(name, "x"));
    const std::string_view text{name};
    CHECK(
        variable_with_words_of(name).empty() == (text != "S3_SECRET_KEY" && text != "S3_ACCESS_KEY")
    );
  }
}

TEST_CASE("a name that shares its words with an option's is taken for a likeness") {
  const std::vector<std::pair<std::string, std::string>> alike{
      {"S3_SECRET_KEY", "S3_SECRET_ACCESS_KEY"},
      {"S3_ACCESS_KEY", "S3_ACCESS_KEY_ID"},
      {"NODE_TLS_CERT", "NODE_TLS_CERTIFICATE"},
      {"QUEUE_MAX_FINISHED_JOBS", "QUEUE_MAX_FINISHED"},
      {"REDIS_TLS_CA_FILE", "REDIS_TLS_CA"}};
  for (const auto& [name, variable] : alike) {
    INFO(name);
    CHECK(variable_with_words_of(name) == variable);
  }
  for (const std::string name :
       {"REDIS_TLS_URL", "DATABASE_URL_UNPOOLED", "QUEUE_CONNECTION", "NODE_NO_WARNINGS",
        "AWS_S3_SECRET_KEY", "X", "_", "__", "A__B"}) {
    INFO(name);
    CHECK(variable_with_words_of(name).empty());
  }
}

TEST_CASE("an option's name is Kubernetes' where it ends in PORT and holds an address") {
  CHECK(is_service_link("WORKER_HTTP_PORT", "tcp://10.0.0.7:8080"));
  CHECK(is_service_link("WORKER_HEALTH_CHECK_PORT", "udp://[fd00::7]:8081"));
  CHECK_FALSE(is_service_link("WORKER_HTTP_PORT", "8080"));
  CHECK_FALSE(is_service_link("WORKER_HTTP_PORT", "tcp"));
  CHECK_FALSE(is_service_link("REDIS_URL", "tcp://10.0.0.7:6379"));
}

TEST_CASE("what Kubernetes sets for services is not misspelt") {
  CHECK_FALSE(is_misspelt("WORKER_SERVICE_HOST", "10.0.0.1"));
  CHECK_FALSE(is_misspelt("WORKER_PORT_80_TCP_ADDR", "10.0.0.1"));
  CHECK_FALSE(is_misspelt("WORKER_PORT", "tcp://10.0.0.1:80"));
  CHECK(is_misspelt("WORKER_PORT", "80"));
}

TEST_CASE("a swap of neighbours is one edit, as is a letter too many, too few or wrong") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("URL", "URL") == 0);
  CHECK(edit_distance("ULR", "URL") == 1);
  CHECK(edit_distance("URLS", "URL") == 1);
  CHECK(edit_distance("RL", "URL") == 1);
  CHECK(edit_distance("URI", "URL") == 1);
  CHECK(edit_distance("", "URL") == 3);
  CHECK(edit_distance("HOST", "URL") == 4);
}

TEST_CASE("flags and variables are two spellings of one name") {
  CHECK(flag_of_variable("S3_ACCESS_KEY_ID") == "--s3-access-key-id");
  for (const std::string& known : known_variables()) {
    CHECK(variable_of_flag(flag_of_variable(known)) == known);
  }
}
