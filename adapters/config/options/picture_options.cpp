// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;
using namespace text_formats;

constexpr option picture_rows[] = {
    {.names = {"IMAGE_URL_ALLOW", "imageUrlAllow"},
     .value = text{&settings::image_url_allow, or_empty(url_hosts)},
     .meaning = "Hosts from which jobs may have images fetched by http(s) URL. Empty: URLs are "
                "refused."},
    {.names = {"IMAGE_URL_ALLOW_PRIVATE", "imageUrlAllowPrivate"},
     .value = boolean{&settings::image_url_allow_private},
     .meaning = "Whether these hosts may have private and other addresses that are not public."},
    {.names = {"WORKER_MAX_IMAGE_BYTES", "maxImageBytes"},
     .value = integer{&settings::max_image_bytes, 1'024, 1'073'741'824},
     .meaning = "Largest image file that is accepted."},
    {.names = {"WORKER_MAX_IMAGE_PIXELS", "maxImagePixels"},
     .value = integer{&settings::max_image_pixels, 1, 1'000'000'000},
     .meaning =
         "Most pixels (width times height) of an image that is no JPEG, checked before it is "
         "decoded: it is decoded whole. GIF, BMP and TIFF have at most 50 million."},
    {.names = {"WORKER_MAX_JPEG_PIXELS", "maxJpegPixels"},
     .value = integer{&settings::max_jpeg_pixels, 1, 1'000'000'000},
     .meaning = "Most pixels of a JPEG, which is scaled down while it is decoded."},
    {.names = {"WORKER_MAX_IMAGE_SIDE", "maxImageSide"},
     .value = integer{&settings::max_image_side, 1, 65'535},
     .meaning = "Longest side of an image, in pixels."},
    {.names = {"CODEC_PROCESSES", "codecProcesses"},
     .value = integer{&settings::codec_processes, 0, 256},
     .remark = "0 for one a core, 8 at most",
     .meaning = "How many processes decode and encode pictures at a time; one more is kept ready. "
                "Each may take 1 GiB."},
    {.names = {"CODEC_SANDBOX", "codecSandbox"},
     .value = choice{&settings::codec_sandbox, {"on", "off", "trap"}},
     .meaning = "Whether these processes are kept from files, networks and all system calls that "
                "they do not need; with \"trap\" a forbidden call is named on stderr."},
    {.names = {"CODEC_CACHE_BYTES", "codecCacheBytes"},
     .value = integer{&settings::codec_cache_bytes, 0, 1'073'741'824},
     .remark = "0 for none",
     .meaning = "Memory for pictures that are ready for the provider, so that a garment that many "
                "users try on is decoded and scaled once. The least recently used go first."},
    {.names = {"RESULT_CACHE_MAX_BYTES", "resultCacheMaxBytes"},
     .is_live = true,
     .value = integer{&settings::result_cache_max_bytes, 0, 1'099'511'627'776},
     .meaning = "Disk for pictures that may serve another job with the same images and options; "
                "the least recently used go first. 0: every job makes a call to the provider."},
    {.names = {"RESULT_CACHE_MAX_AGE", "resultCacheMaxAge"},
     .is_live = true,
     .value = duration{&settings::result_cache_max_age, 1s, 8'760h},
     .meaning = "How long such a picture may serve other jobs after it was made."},
    {.names = {"RESULT_CACHE_SCOPE", "resultCacheScope"},
     .is_live = true,
     .value = choice{&settings::result_cache_scope, {"all", "user"}},
     .meaning = "Whose jobs such a picture may serve: everybody's, or only those of the user that "
                "it was made for. With all, a job that is served tells its user that somebody has "
                "used the same files before."},
};

}  // namespace

option_group picture_options() noexcept {
  return {"Pictures", picture_rows};
}

}  // namespace stayler::adapters
