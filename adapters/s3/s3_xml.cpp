// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_xml.hpp"

#include <utility>

namespace stayler::adapters {

std::string xml_text(std::string_view xml, std::string_view element) {
  const std::string name{element};
  const auto begin = xml.find("<" + name + ">");
  const auto end = xml.find("</" + name + ">");
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return {};
  }
  const auto first = begin + name.size() + 2;
  std::string text{xml.substr(first, end - first)};
  for (const auto& [entity, character] :
       {std::pair<std::string_view, char>{"&lt;", '<'},
        {"&gt;", '>'},
        {"&quot;", '"'},
        {"&apos;", '\''},
        {"&amp;", '&'}}) {
    for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
      text.replace(at, entity.size(), 1, character);
    }
  }
  return text;
}

std::vector<std::string> xml_texts(std::string_view xml, std::string_view element) {
  const std::string end = "</" + std::string{element} + ">";
  std::vector<std::string> texts;
  for (auto at = xml.find(end); at != std::string_view::npos; at = xml.find(end)) {
    const auto length = at + end.size();
    texts.push_back(xml_text(xml.substr(0, length), element));
    xml.remove_prefix(length);
  }
  return texts;
}

}  // namespace stayler::adapters
