// SPDX-License-Identifier: MIT
#include "app/gemini_sim/pictures/composer.hpp"

#include "adapters/checksum/checksum.hpp"
#include "app/gemini_sim/pictures/cutout.hpp"
#include "app/gemini_sim/pictures/picture_format.hpp"

#include <fmt/core.h>
#include <Magick++.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace stayler::sim {

namespace {

/// Where a garment goes on a person who stands upright and fills the picture, as shares of it.
constexpr double torso_centre = 0.5;
constexpr double torso_top = 0.315;
constexpr double torso_width = 0.65;
constexpr double torso_height = 0.47;

/// How much of the person's photo may be cropped before it is shown whole on a plain ground.
constexpr double croppable_share = 0.25;

constexpr int background_tolerance = 24;

constexpr std::uint32_t tiny_side = 48;

void start_magick() {
  static std::once_flag once;
  std::call_once(once, [] {
    Magick::InitializeMagick(nullptr);
    Magick::ResourceLimits::thread(1);
    Magick::ResourceLimits::width(16'000);
    Magick::ResourceLimits::height(16'000);
    Magick::ResourceLimits::memory(1ULL << 30U);
    Magick::ResourceLimits::map(1ULL << 30U);
  });
}

Magick::Geometry exactly(std::size_t width, std::size_t height) {
  Magick::Geometry geometry{width, height};
  geometry.aspect(true);
  return geometry;
}

Magick::Geometry exactly(pixel_size size) {
  return exactly(size.width, size.height);
}

/// Reads bytes by the named decoder. A warning about damaged data counts as an error, one about
/// metadata does not.
template <class Read>
bool reads(Read read) {
  try {
    read();
    return true;
  } catch (const Magick::WarningCorruptImage&) {
    return false;
  } catch (const Magick::Warning&) {
    return true;
  } catch (const Magick::Exception&) {
    return false;
  }
}

/// The image with its header read, or nothing where the bytes do not decode that far.
std::optional<Magick::Image> read_header(const input_image& input) {
  Magick::Image image;
  image.magick(std::string{format_of(input.bytes)});
  const Magick::Blob blob{input.bytes.data(), input.bytes.size()};
  if (!reads([&] { image.ping(blob); }) || image.columns() == 0 || image.rows() == 0) {
    return std::nullopt;
  }
  return image;
}

/// Decodes; a JPEG much larger than needed is scaled down while it is read.
std::optional<Magick::Image> decode(const input_image& input, pixel_size wanted) {
  const auto header = read_header(input);
  if (!header) {
    return std::nullopt;
  }
  Magick::Image image;
  image.magick(header->magick());
  const std::size_t enough = 2UL * std::max(wanted.width, wanted.height);
  if (std::min(header->columns(), header->rows()) > enough) {
    const auto side = std::to_string(enough);
    image.defineValue("jpeg", "size", side + 'x' + side);
  }
  const Magick::Blob blob{input.bytes.data(), input.bytes.size()};
  if (!reads([&] { image.read(blob); }) || !image.isValid()) {
    return std::nullopt;
  }
  image.autoOrient();
  return image;
}

Magick::Color corner_colour(const Magick::Image& image) {
  return image.pixelColor(0, 0);
}

/// The rectangle on the canvas that the person's whole photo covers, perhaps beyond the edges.
struct placement {
  double left, top, width, height;
};

placement place_person(const Magick::Image& person, pixel_size canvas) {
  const double x = static_cast<double>(canvas.width) / static_cast<double>(person.columns());
  const double y = static_cast<double>(canvas.height) / static_cast<double>(person.rows());
  const double cropped = 1 - std::min(x, y) / std::max(x, y);
  const double scale = cropped <= croppable_share ? std::max(x, y) : std::min(x, y);
  const double width = scale * static_cast<double>(person.columns());
  const double height = scale * static_cast<double>(person.rows());
  // What is too tall loses its lower end: the head is at the upper one.
  return {(canvas.width - width) / 2, std::max(0.0, (canvas.height - height) / 2), width, height};
}

void lay(Magick::Image& canvas, Magick::Image& layer, const placement& where) {
  const auto width = std::max(1L, std::lround(where.width));
  const auto height = std::max(1L, std::lround(where.height));
  layer.filterType(Magick::TriangleFilter);
  layer.resize(exactly(static_cast<std::size_t>(width), static_cast<std::size_t>(height)));
  canvas.composite(layer, std::lround(where.left), std::lround(where.top), Magick::OverCompositeOp);
}

Magick::Image to_image(const raster& pixels) {
  return {pixels.width, pixels.height, "RGBA", Magick::CharPixel, pixels.rgba.data()};
}

/// The garment without its background, cropped to what is left of it.
Magick::Image cut_garment(Magick::Image garment, pixel_size canvas) {
  if (garment.columns() > canvas.width || garment.rows() > canvas.height) {
    garment.filterType(Magick::TriangleFilter);
    garment.resize(Magick::Geometry{canvas.width, canvas.height});
  }
  raster pixels{garment.columns(), garment.rows(), {}};
  pixels.rgba.resize(4 * pixels.width * pixels.height);
  garment.write(0, 0, pixels.width, pixels.height, "RGBA", Magick::CharPixel, pixels.rgba.data());
  const area kept = cut_out(pixels, background_tolerance);
  Magick::Image cut = to_image(pixels);
  cut.crop(Magick::Geometry{
      kept.width, kept.height, static_cast<ssize_t>(kept.left), static_cast<ssize_t>(kept.top)});
  cut.page(Magick::Geometry{0, 0});
  return cut;
}

placement place_garment(const Magick::Image& garment, const placement& person) {
  const auto columns = static_cast<double>(garment.columns());
  const auto rows = static_cast<double>(garment.rows());
  const double scale =
      std::min(torso_width * person.width / columns, torso_height * person.height / rows);
  return {
      person.left + torso_centre * person.width - scale * columns / 2,
      person.top + torso_top * person.height, scale * columns, scale * rows};
}

Magick::Image try_on(Magick::Image person, const Magick::Image* garment, pixel_size size) {
  Magick::Image canvas{exactly(size), corner_colour(person)};
  const placement where = place_person(person, size);
  lay(canvas, person, where);
  if (garment != nullptr) {
    Magick::Image cut = cut_garment(*garment, size);
    lay(canvas, cut, place_garment(cut, where));
  }
  return canvas;
}

/// One picture alone is given back, but so that nobody takes it for the original.
Magick::Image framed(Magick::Image image) {
  const auto line = std::max<std::size_t>(4, std::max(image.columns(), image.rows()) / 50);
  Magick::Image inner = image;
  inner.crop(Magick::Geometry{
      image.columns() - 2 * line, image.rows() - 2 * line, static_cast<ssize_t>(line),
      static_cast<ssize_t>(line)});
  inner.page(Magick::Geometry{0, 0});
  Magick::Image frame{Magick::Geometry{image.columns(), image.rows()}, Magick::Color{"#6c4ee6"}};
  image.composite(frame, 0, 0, Magick::MultiplyCompositeOp);
  image.composite(
      inner, static_cast<ssize_t>(line), static_cast<ssize_t>(line), Magick::OverCompositeOp
  );
  return image;
}

/// A gradient in colours that the prompt decides.
Magick::Image gradient(pixel_size size, std::string_view prompt) {
  const std::size_t seed = std::hash<std::string_view>{}(prompt);
  raster pixels{size.width, size.height, {}};
  pixels.rgba.reserve(4ULL * size.width * size.height);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      pixels.rgba.push_back(static_cast<std::uint8_t>(64 + (x * 160) / size.width));
      pixels.rgba.push_back(static_cast<std::uint8_t>(64 + (y * 160) / size.height));
      pixels.rgba.push_back(static_cast<std::uint8_t>(64 + seed % 160));
      pixels.rgba.push_back(255);
    }
  }
  return to_image(pixels);
}

picture_ptr encode(Magick::Image image, bool as_png) {
  image.strip();
  image.magick(as_png ? "PNG24" : "JPEG");
  image.quality(as_png ? 31 : 88);  // for PNG: zlib level 3, filter 1
  Magick::Blob blob;
  image.write(&blob);
  const std::string_view bytes{static_cast<const char*>(blob.data()), blob.length()};
  return std::make_shared<const picture>(picture{
      as_png ? "image/png" : "image/jpeg",
      adapters::base64_encode(bytes),
      {static_cast<std::uint32_t>(image.columns()), static_cast<std::uint32_t>(image.rows())},
      bytes.size()});
}

pixel_size within(pixel_size size, std::uint32_t longest) {
  const std::uint32_t side = std::max(size.width, size.height);
  if (longest == 0 || side <= longest) {
    return size;
  }
  return {std::max(1U, size.width * longest / side), std::max(1U, size.height * longest / side)};
}

std::string key_of(
    const std::vector<input_image>& inputs, pixel_size size, std::string_view prompt, motif what
) {
  std::string key = fmt::format("{}x{} {}", size.width, size.height, static_cast<int>(what));
  for (const auto& input : inputs) {
    key += ' ' + adapters::sha256_hex(input.bytes);
  }
  return inputs.empty() ? key + ' ' + std::string{prompt} : key;
}

Magick::Image draw(
    const std::vector<Magick::Image>& images, pixel_size size, std::string_view prompt, motif what
) {
  if (what == motif::flat) {
    return {exactly(size), Magick::Color{"#8a8f96"}};
  }
  if (images.empty()) {
    return gradient(size, prompt);
  }
  if (what == motif::echo) {
    Magick::Image first = images[0];
    first.resize(Magick::Geometry{size.width, size.height});
    return first;
  }
  if (images.size() == 1) {
    return framed(try_on(images[0], nullptr, size));
  }
  return try_on(images[0], &images[1], size);
}

checked<picture_ptr> make_picture(
    const std::vector<input_image>& inputs,
    pixel_size size,
    std::string_view prompt,
    motif what,
    bool as_png
) try {
  std::vector<Magick::Image> images;
  for (const auto& input : inputs) {
    auto image = decode(input, size);
    if (!image) {
      return unreadable_picture(input.field);
    }
    if (images.size() < 2) {
      images.push_back(std::move(*image));
    }
  }
  return encode(draw(images, size, prompt, what), as_png);
} catch (const Magick::Exception& error) {
  return google_error{500, "INTERNAL", std::string{"gemini-sim: "} + error.what(), {}};
}

}  // namespace

/// The pictures used last, up to a number of bytes.
class composer::cache {
 public:
  explicit cache(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  picture_ptr find(const std::string& key) {
    const std::lock_guard lock{mutex_};
    const auto found = index_.find(key);
    if (found == index_.end()) {
      return nullptr;
    }
    ++counts_.cache_hits;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }

  void add(const std::string& key, const picture_ptr& made) {
    const std::lock_guard lock{mutex_};
    ++counts_.composed;
    if (index_.contains(key)) {
      return;
    }
    entries_.emplace_front(key, made);
    index_[key] = entries_.begin();
    bytes_ += made->base64.size();
    while (bytes_ > max_bytes_ && !entries_.empty()) {
      bytes_ -= entries_.back().second->base64.size();
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
  }

  composer_counts counts() {
    const std::lock_guard lock{mutex_};
    return counts_;
  }

 private:
  using entry = std::pair<std::string, picture_ptr>;

  std::mutex mutex_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::list<entry> entries_;
  std::unordered_map<std::string, std::list<entry>::iterator> index_;
  composer_counts counts_;
};

composer::composer(const composer_options& options)
    : options_(options), cache_(std::make_unique<cache>(options.cache_bytes)) {
  start_magick();
}

composer::~composer() = default;

checked<pixel_size> composer::measure(const input_image& input) const {
  const auto header = read_header(input);
  if (!header) {
    return unreadable_picture(input.field);
  }
  const bool lies_on_its_side = header->orientation() >= Magick::LeftTopOrientation;
  const auto width = static_cast<std::uint32_t>(header->columns());
  const auto height = static_cast<std::uint32_t>(header->rows());
  return lies_on_its_side ? pixel_size{height, width} : pixel_size{width, height};
}

checked<picture_ptr> composer::compose(
    const std::vector<input_image>& inputs, pixel_size size, std::string_view prompt, motif what
) {
  size = within(size, options_.longest_side);
  if (what == motif::tiny) {
    size = within(size, tiny_side);
  }
  const std::string key = key_of(inputs, size, prompt, what);
  if (auto known = cache_->find(key)) {
    return known;
  }
  auto made = make_picture(inputs, size, prompt, what, options_.as_png);
  if (const auto* finished = std::get_if<picture_ptr>(&made)) {
    cache_->add(key, *finished);
  }
  return made;
}

composer_counts composer::counts() const {
  return cache_->counts();
}

}  // namespace stayler::sim
