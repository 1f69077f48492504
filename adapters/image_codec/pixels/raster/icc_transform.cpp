// SPDX-License-Identifier: MIT
#include "adapters/image_codec/pixels/raster/icc_transform.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <lcms2.h>
#include <list>
#include <mutex>
#include <type_traits>

namespace stayler::adapters {

/// The library's handle, closed at the end.
class icc_profile {
 public:
  explicit icc_profile(cmsHPROFILE handle) noexcept : handle_(handle) {}
  icc_profile(const icc_profile&) = delete;
  icc_profile& operator=(const icc_profile&) = delete;
  ~icc_profile() { cmsCloseProfile(handle_); }

  [[nodiscard]] cmsHPROFILE handle() const noexcept { return handle_; }
  [[nodiscard]] cmsColorSpaceSignature model() const { return cmsGetColorSpace(handle_); }

 private:
  cmsHPROFILE handle_;
};

namespace {

using profile_pointer = std::shared_ptr<const icc_profile>;

profile_pointer owned(cmsHPROFILE handle) {
  return handle != nullptr ? std::make_shared<const icc_profile>(handle) : nullptr;
}

// IEC 61966-2-1.
double srgb_encoded(double linear) {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}

bool has_srgb_curve(const icc_profile& profile, cmsTagSignature tag) {
  constexpr int samples = 16;
  const auto* curve = static_cast<const cmsToneCurve*>(cmsReadTag(profile.handle(), tag));
  for (int i = 0; curve != nullptr && i <= samples; ++i) {
    const double value = static_cast<double>(i) / samples;
    const double linear = cmsEvalToneCurveFloat(curve, static_cast<float>(value));
    if (std::abs(srgb_encoded(linear) - value) > 1.0 / 255) {
      return false;
    }
  }
  return curve != nullptr;
}

bool has_primary(const icc_profile& profile, cmsTagSignature tag, const cmsCIEXYZ& wanted) {
  constexpr double tolerance = 0.0015;
  const auto* found = static_cast<const cmsCIEXYZ*>(cmsReadTag(profile.handle(), tag));
  return found != nullptr && std::abs(found->X - wanted.X) < tolerance
         && std::abs(found->Y - wanted.Y) < tolerance && std::abs(found->Z - wanted.Z) < tolerance;
}

/// sRGB's primaries, adapted to the profile connection space's white, D50.
bool has_srgb_primaries(const icc_profile& profile) {
  return has_primary(profile, cmsSigRedColorantTag, {0.4361, 0.2225, 0.0139})
         && has_primary(profile, cmsSigGreenColorantTag, {0.3851, 0.7169, 0.0971})
         && has_primary(profile, cmsSigBlueColorantTag, {0.1431, 0.0606, 0.7141});
}

struct transform_format {
  cmsUInt32Number from = 0;
  cmsUInt32Number to = 0;
  cmsUInt32Number flags = 0;
  cmsColorSpaceSignature model = cmsSigRgbData;
};

transform_format format_of(pixel_kind kind) {
  // The library's cache of the latest pixel is not safe with threads.
  constexpr cmsUInt32Number flags = cmsFLAGS_NOCACHE;
  switch (kind) {
    case pixel_kind::rgba:
      return {TYPE_RGBA_8, TYPE_RGBA_8, flags | cmsFLAGS_COPY_ALPHA, cmsSigRgbData};
    case pixel_kind::cmyk:
      return {TYPE_CMYK_8, TYPE_RGB_8, flags | cmsFLAGS_BLACKPOINTCOMPENSATION, cmsSigCmykData};
    case pixel_kind::rgb:
      break;
  }
  return {TYPE_RGB_8, TYPE_RGB_8, flags, cmsSigRgbData};
}

struct delete_transform {
  void operator()(void* transform) const noexcept { cmsDeleteTransform(transform); }
};
using transform_handle = std::unique_ptr<std::remove_pointer_t<cmsHTRANSFORM>, delete_transform>;

transform_handle transform_between(const icc_profile& source, const transform_format& format) {
  const auto srgb = owned(cmsCreate_sRGBProfile());
  return transform_handle{
      srgb != nullptr ? cmsCreateTransform(
          source.handle(), format.from, srgb->handle(), format.to, INTENT_RELATIVE_COLORIMETRIC,
          format.flags
      )
                      : nullptr};
}

class lcms_transform final : public icc_transform {
 public:
  lcms_transform(transform_handle handle, std::size_t channels)
      : handle_(std::move(handle)), channels_(channels) {}

  void convert(std::span<const std::uint8_t> source, std::span<std::uint8_t> target)
      const override {
    cmsDoTransform(
        handle_.get(), source.data(), target.data(),
        static_cast<cmsUInt32Number>(source.size() / channels_)
    );
  }

 private:
  transform_handle handle_;
  std::size_t channels_;
};

std::shared_ptr<const icc_transform> make_transform(
    std::span<const std::byte> bytes, pixel_kind kind
) {
  const auto profile = open_profile(bytes);
  const transform_format format = format_of(kind);
  if (profile == nullptr || profile->model() != format.model) {
    return nullptr;
  }
  auto handle = transform_between(*profile, format);
  if (handle == nullptr) {
    return nullptr;
  }
  return std::make_shared<const lcms_transform>(std::move(handle), channels_of(kind));
}

/// The transforms that were asked for last, the latest first.
class transform_cache {
 public:
  std::shared_ptr<const icc_transform> find(
      const std::vector<std::byte>& profile, pixel_kind kind
  ) {
    constexpr std::size_t most_entries = 8;
    const std::lock_guard lock{mutex_};
    const auto known = std::ranges::find_if(entries_, [&](const entry& each) {
      return each.kind == kind && each.profile == profile;
    });
    if (known != entries_.end()) {
      entries_.splice(entries_.begin(), entries_, known);
      return known->transform;
    }
    auto made = make_transform(profile, kind);
    if (made != nullptr && profile.size() <= largest_kept_profile) {
      entries_.push_front({profile, kind, made});
      entries_.resize(std::min(entries_.size(), most_entries));
    }
    return made;
  }

 private:
  static constexpr std::size_t largest_kept_profile = std::size_t{1} << 20U;

  struct entry {
    std::vector<std::byte> profile;
    pixel_kind kind = pixel_kind::rgb;
    std::shared_ptr<const icc_transform> transform;
  };

  std::mutex mutex_;
  std::list<entry> entries_;
};

cmsCIExyY point_of(const rgb_space::chromaticity& xy) {
  return {xy[0], xy[1], 1.0};
}

struct free_curve {
  void operator()(cmsToneCurve* curve) const noexcept { cmsFreeToneCurve(curve); }
};

std::unique_ptr<cmsToneCurve, free_curve> curve_of(const rgb_space& space) {
  // The library's type 4: (aX + b)^g, cX below d.
  constexpr cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  return std::unique_ptr<cmsToneCurve, free_curve>{
      space.gamma > 0 ? cmsBuildGamma(nullptr, space.gamma)
                      : cmsBuildParametricToneCurve(nullptr, 4, srgb)};
}

std::vector<std::byte> saved(const icc_profile& profile) {
  cmsUInt32Number size = 0;
  if (cmsSaveProfileToMem(profile.handle(), nullptr, &size) == 0) {
    return {};
  }
  std::vector<std::byte> bytes(size);
  return cmsSaveProfileToMem(profile.handle(), bytes.data(), &size) != 0 ? bytes
                                                                         : std::vector<std::byte>{};
}

}  // namespace

profile_pointer open_profile(std::span<const std::byte> bytes) {
  return owned(
      bytes.empty()
          ? nullptr
          : cmsOpenProfileFromMem(bytes.data(), static_cast<cmsUInt32Number>(bytes.size()))
  );
}

std::vector<std::byte> profile_of(const rgb_space& space) {
  const auto curve = curve_of(space);
  if (curve == nullptr) {
    return {};
  }
  const cmsCIExyY white = point_of(space.white);
  const cmsCIExyYTRIPLE primaries{point_of(space.red), point_of(space.green), point_of(space.blue)};
  cmsToneCurve* const curves[] = {curve.get(), curve.get(), curve.get()};
  const auto profile = owned(cmsCreateRGBProfile(&white, &primaries, curves));
  return profile != nullptr ? saved(*profile) : std::vector<std::byte>{};
}

bool is_srgb(const icc_profile& profile) {
  if (profile.model() != cmsSigRgbData) {
    return true;
  }
  return cmsIsTag(profile.handle(), cmsSigAToB0Tag) == 0 && has_srgb_primaries(profile)
         && has_srgb_curve(profile, cmsSigRedTRCTag) && has_srgb_curve(profile, cmsSigGreenTRCTag)
         && has_srgb_curve(profile, cmsSigBlueTRCTag);
}

std::optional<grey_levels> levels_to_srgb(const icc_profile& profile) {
  if (profile.model() != cmsSigGrayData) {
    return std::nullopt;
  }
  const auto transform =
      transform_between(profile, {TYPE_GRAY_8, TYPE_RGB_8, cmsFLAGS_NOCACHE, cmsSigGrayData});
  if (transform == nullptr) {
    return std::nullopt;
  }
  grey_levels levels{};
  bool is_needed = false;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const auto source = static_cast<std::uint8_t>(level);
    std::array<std::uint8_t, 3> rgb{};
    cmsDoTransform(transform.get(), &source, rgb.data(), 1);
    levels[level] = rgb[1];
    is_needed = is_needed || std::abs(rgb[1] - source) > 1;
  }
  return is_needed ? std::optional{levels} : std::nullopt;
}

std::shared_ptr<const icc_transform> find_transform(
    const std::vector<std::byte>& profile, pixel_kind kind
) {
  static transform_cache cache;
  return cache.find(profile, kind);
}

}  // namespace stayler::adapters
