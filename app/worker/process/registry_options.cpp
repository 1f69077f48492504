// SPDX-License-Identifier: MIT
#include "app/worker/process/registry_options.hpp"

#include "adapters/gemini/model_list.hpp"

namespace stayler::app {

adapters::prometheus_options registry_options_from(const settings& config) {
  adapters::prometheus_options options;
  options.version = STAYLER_VERSION;
  options.role = config.role;
  options.revision = source_revision;
  options.models = adapters::models_of(config.gemini);
  options.data_folder = config.data_dir;
  return options;
}

}  // namespace stayler::app
