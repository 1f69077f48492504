// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace text_formats;

constexpr option store_rows[] = {
    {.names = {"WORKER_DATA_DIR", "dataDir"},
     .value = text{&settings::data_dir, folder_name},
     .meaning = "Folder of the database file and the images; created where it is missing."},
    {.names = {"QUEUE_BACKEND", "queueBackend"},
     .value = choice{&settings::queue_backend, {"sqlite", "redis", "memory"}},
     .meaning = "Where jobs are kept: in jobs.db in WORKER_DATA_DIR; in Redis, which several "
                "processes may share; or in memory, where they end with the process."},
    {.names = {"QUEUE_NAME", "queueName"},
     .value = text{&settings::queue_name, short_name},
     .meaning = "Which queue in Redis: processes with the same name share its jobs."},
    {.names = {"REDIS_URL", "redisUrl"},
     .is_secret = true,
     .value = text{&settings::redis_url, or_empty(redis_url)},
     .meaning = "The Redis of QUEUE_BACKEND=redis and WORKER_NOTIFY_CHANNEL: a server, nodes of a "
                "cluster, or Sentinels; a secret, as it may hold a password."},
    {.names = {"REDIS_TLS_CA", "redisTlsCa"},
     .value = text{&settings::redis_tls_ca, or_empty(file_name)},
     .meaning = "PEM file of the authorities whose certificates a server at rediss:// may have. "
                "Empty: those that this system trusts."},
    {.names = {"DATABASE_URL", "databaseUrl"},
     .is_secret = true,
     .value = text{&settings::database_url, or_empty(postgres_url)},
     .meaning = "The PostgreSQL database of the records and notifications, with the application's "
                "tables. Empty: they are in stayler.db in WORKER_DATA_DIR."},
    {.names = {"SQLITE_SYNCHRONOUS", "sqliteSynchronous"},
     .value = choice{&settings::sqlite_synchronous, {"full", "normal"}},
     .meaning = "What accepted jobs survive: full, also the loss of power, as each batch waits "
                "for the disk; normal, the end of the process, also by kill -9."},
    {.names = {"STORAGE_URL", "storageUrl"},
     .value = text{&settings::storage_url, or_empty(storage_url)},
     .meaning = "An S3-compatible store for the images. Empty: a folder in WORKER_DATA_DIR."},
    {.names = {"WORKER_ENCRYPTION_KEYS", "encryptionKeys"},
     .is_secret = true,
     .value = text{&settings::encryption_keys, or_empty(encryption_key_list)},
     .meaning =
         "Keys for images, results, the result cache, jobs, records and notifications, which "
         "are then stored encrypted (AES-256-GCM), with the first key; those behind it "
         "decrypt what was stored with them. With plain at the end what was stored without "
         "encryption is read, too; jobs, records and notifications become encrypted. The "
         "same for all coordinators and nodes. stayler-worker --new-encryption-key ID makes "
         "a key, --rekey encrypts what is stored anew. Empty: nothing is encrypted."},
    {.names = {"S3_CREDENTIALS", "s3Credentials"},
     .value =
         choice{&settings::s3_credentials, {"static", "profile", "ecs", "imds", "web-identity"}},
     .meaning = "Whose key signs the calls to that store: that of S3_ACCESS_KEY_ID; that of a file "
                "of AWS's shared credentials (S3_PROFILE_FILE); the role of the container (ECS, "
                "EKS Pod Identity), of the EC2 instance, or of the service account (IRSA), whose "
                "keys are renewed before they end."},
    {.names = {"S3_ACCESS_KEY_ID", "s3AccessKeyId"},
     .is_secret = true,
     .file = &settings::s3_access_key_id_file,
     .value = text{&settings::s3_access_key_id, token},
     .meaning = "Id of the key that signs the calls to that store. The files of this one and the "
                "next two are read again while the service runs."},
    {.names = {"S3_SECRET_ACCESS_KEY", "s3SecretAccessKey"},
     .is_secret = true,
     .file = &settings::s3_secret_access_key_file,
     .value = text{&settings::s3_secret_access_key, token},
     .meaning = "The key itself; it is never sent."},
    {.names = {"S3_SESSION_TOKEN", "s3SessionToken"},
     .is_secret = true,
     .file = &settings::s3_session_token_file,
     .value = text{&settings::s3_session_token, token},
     .meaning = "The session token that belongs to a temporary key. Empty: the key is a lasting "
                "one."},
    {.names = {"S3_PROFILE_FILE", "s3ProfileFile", {"AWS_SHARED_CREDENTIALS_FILE"}},
     .value = text{&settings::s3_profile_file, or_empty(file_name)},
     .meaning = "A file in the format of ~/.aws/credentials, for S3_CREDENTIALS=profile; it is "
                "read again while the service runs."},
    {.names = {"S3_PROFILE", "s3Profile", {"AWS_PROFILE"}},
     .value = text{&settings::s3_profile, profile_name},
     .meaning = "Which of the profiles in that file."},
};

}  // namespace

option_group store_options() noexcept {
  return {"Stores", store_rows};
}

}  // namespace stayler::adapters
