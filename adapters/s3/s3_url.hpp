// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// Where the objects of one store are.
struct s3_location {
  std::string base_url;  ///< scheme and authority that calls go to: https://bucket.s3.eu-...
  std::string host;      ///< the header Host that goes with it
  std::string path;      ///< what stands before a key: "/", "/prefix/", "/base/bucket/prefix/"
  std::string bucket;    ///< of that the part that names the bucket: "/", "/base/bucket/"
  std::string region;
  std::string encryption;  ///< how the store is to encrypt objects: "AES256", "aws:kms"; or empty
  std::string kms_key;     ///< with which key of the store's; empty: its own
};

/// What a URL of this form says:
///   s3://BUCKET[/PREFIX][?region=REGION&endpoint=http[s]://HOST[:PORT][/PATH]&style=path|virtual
///                        &encryption=AES256|aws:kms&kmsKey=ID]
/// Without an endpoint it is AWS's in that region (us-east-1 unless given), and the bucket a part
/// of the host's name (style virtual); at an endpoint the bucket begins the path (style path)
/// unless the style says otherwise; an endpoint's own path stands before it. Values may be
/// percent-encoded. A prefix follows the rule of blob keys. invalid_input, with a reason that
/// repeats nothing of the text.
result<s3_location> parse_s3_url(std::string_view text);

}  // namespace stayler::adapters
