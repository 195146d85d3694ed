// Prints values as JSON, for the tests.

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "shoeroot.h"

inline std::string json(bool value) { return value ? "true" : "false"; }
inline std::string json(double value)
{
   char text[40];
   std::snprintf(text, sizeof text, "%.17g", value);
   return text;
}
inline std::string json(float value) { return json(static_cast<double>(value)); }
inline std::string json(int value) { return std::to_string(value); }
inline std::string json(short value) { return std::to_string(value); }
inline std::string json(Long64_t value) { return std::to_string(value); }
inline std::string json(const std::string &value) { return '"' + value + '"'; }

template <class T>
std::string json(const std::optional<T> &value)
{
   return value ? json(*value) : "null";
}

template <class List>
auto json(const List &values) -> decltype(values.begin(), std::string())
{
   std::string all;
   for (const auto &value : values)
      all += (all.empty() ? "" : ", ") + json(value);
   return '[' + all + ']';
}

// {"name": value, ...}
template <class... Rest>
std::string members(const char *name, const std::string &value, Rest... rest)
{
   const std::string one = json(std::string(name)) + ": " + value;
   if constexpr (sizeof...(rest) == 0)
      return one;
   else
      return one + ", " + members(rest...);
}
