// SPDX-License-Identifier: MIT

// Prints what is generated from the option table; scripts/update-docs puts it into the tree. Used
// in the build only, not installed.

#include "adapters/config/option_texts.hpp"

#include <iostream>
#include <string_view>

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  if (wanted == "--markdown") {
    std::cout << stayler::adapters::markdown_tables();
  } else if (wanted == "--example") {
    std::cout << stayler::adapters::example_file();
  } else {
    std::cerr << "usage: stayler-options --markdown | --example\n";
    return 2;
  }
  return std::cout.flush() ? 0 : 1;
}
