// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;
using namespace text_formats;

constexpr option notification_rows[] = {
    {.names = {"WORKER_WEBHOOK_URL", "webhookUrl"},
     .is_secret = true,
     .value = text{&settings::webhook_url, or_empty(web_url)},
     .meaning =
         "Where notifications of finished jobs are posted; empty: they go to the log. Its path "
         "may be what lets one post there: it is shown to nobody."},
    {.names = {"WORKER_WEBHOOK_SECRET", "webhookSecret"},
     .is_secret = true,
     .value = text{&settings::webhook_secret, or_empty(web_hook_secrets)},
     .meaning = "Signs web hooks in the Standard Webhooks form; with several secrets once by each, "
                "so that receivers can change theirs one after the other. Empty: unsigned."},
    {.names = {"WORKER_WEBHOOK_TIMEOUT", "webhookTimeout"},
     .value = duration{&settings::webhook_timeout, 1s, 60s},
     .meaning =
         "Longest time for one delivery to a web hook, from connecting to the whole answer."},
    {.names = {"WORKER_WEBHOOK_CONCURRENCY", "webhookConcurrency"},
     .is_live = true,
     .value = integer{&settings::webhook_concurrency, 1, 256},
     .meaning = "Most deliveries to one receiver at a time, of 256 in all; one, where the last has "
                "failed."},
    {.names = {"WORKER_WEBHOOK_URL_ALLOW", "webhookUrlAllow"},
     .value = text{&settings::webhook_url_allow, or_empty(url_hosts)},
     .meaning = "Hosts to which an admin's job may have its own notifications posted, by its "
                "webhookUrl. Empty: jobs that name one are refused."},
    {.names = {"WORKER_WEBHOOK_URL_ALLOW_PRIVATE", "webhookUrlAllowPrivate"},
     .value = boolean{&settings::webhook_url_allow_private},
     .meaning = "Whether these hosts may have private and other addresses that are not public."},
    {.names = {"WORKER_NOTIFY_CHANNEL", "notifyChannel"},
     .value = text{&settings::notify_channel, or_empty(token)},
     .meaning = "The Redis channel (of REDIS_URL) to which notifications of finished jobs are "
                "published, instead of a web hook."},
    {.names = {"WORKER_ALERTS", "alerts"},
     .is_live = true,
     .value = boolean{&settings::alerts},
     .meaning = "Whether the application hears of what fails for good where notifications go, too, "
                "as alert.firing and alert.resolved; the log says it in any case."},
    {.names = {"WORKER_NOTIFY_MAX_PAUSE", "notifyMaxPause"},
     .is_live = true,
     .value = duration{&settings::notify_max_pause, 100ms, 24h},
     .meaning = "Longest pause between two deliveries of one notification, also where the receiver "
                "asks for a longer one. Pauses begin with a second and double."},
    {.names = {"WORKER_NOTIFY_GIVE_UP", "notifyGiveUp"},
     .is_live = true,
     .value = duration{&settings::notify_give_up, 1s, 720h},
     .meaning = "How long a notification is delivered again until it is given up."},
    {.names = {"WORKER_NOTIFY_RETENTION", "notifyRetention"},
     .is_live = true,
     .value = duration{&settings::notify_retention, 1s, 8'760h},
     .meaning =
         "How long given-up notifications are kept, to be delivered by hand; 100,000 of them "
         "at most."},
};

}  // namespace

option_group notification_options() noexcept {
  return {"Notifications", notification_rows};
}

}  // namespace stayler::adapters
