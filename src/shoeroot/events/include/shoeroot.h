// Views of what shoeroot writes flat into TTrees: fixed arrays, texts and lists inside lists, and
// rows of a second tree. C++17 and ROOT, no library to link and no dictionary to load:
//
//     export ROOT_INCLUDE_PATH=$(python -c "from shoeroot.events import include_folder; print(include_folder())")
//
// All functions take what ROOT gives for a branch: RVec (RDataFrame), TTreeReaderArray, a vector.
// A view is valid as long as that array: until the next entry is read.

#ifndef SHOEROOT_H
#define SHOEROOT_H

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "TTree.h"
#include "TTreeReader.h"
#include "TTreeReaderValue.h"

namespace shoeroot {

// A piece of an array that is not copied.
template <class T>
class View {
public:
   View(T *first, std::size_t size) : fFirst(first), fSize(size) {}

   T *begin() const { return fFirst; }
   T *end() const { return fFirst + fSize; }
   T *data() const { return fFirst; }
   std::size_t size() const { return fSize; }
   bool empty() const { return fSize == 0; }
   T &operator[](std::size_t i) const { return fFirst[i]; }

   T &at(std::size_t i) const
   {
      if (i >= fSize)
         throw std::out_of_range("shoeroot::View: element " + std::to_string(i) + " of " + std::to_string(fSize));
      return fFirst[i];
   }

   // The sum in double: sums of a year of floats in float lose four digits.
   double sum() const
   {
      double total = 0;
      for (auto &&value : *this)
         total += value;
      return total;
   }

private:
   T *fFirst;
   std::size_t fSize;
};

namespace detail {

template <class Array>
auto count(const Array &values, int) -> decltype(static_cast<std::size_t>(values.size()))
{
   return values.size();
}

// TTreeReaderArray.
template <class Array>
auto count(Array &values, long) -> decltype(static_cast<std::size_t>(values.GetSize()))
{
   return values.GetSize();
}

template <class Array>
auto slice(Array &&values, std::size_t start, std::size_t stop)
{
   using Element = std::remove_reference_t<decltype(values[0])>;
   const std::size_t size = count(values, 0);
   if (start > stop || stop > size)
      throw std::out_of_range("shoeroot: values " + std::to_string(start) + " to " + std::to_string(stop) + " of " +
                              std::to_string(size));
   return View<Element>(start == stop ? nullptr : &values[start], stop - start);
}

} // namespace detail

// The fixed array of list element i, such as the 12 months of zone i of zones_monthly_heating.
template <class Array>
auto zone(Array &&values, std::size_t i, std::size_t length = 12)
{
   return detail::slice(values, i * length, (i + 1) * length);
}

// The fixed arrays of all list elements.
template <class Array>
auto zones(Array &&values, std::size_t length = 12)
{
   const std::size_t size = detail::count(values, 0);
   if (length == 0 || size % length != 0)
      throw std::out_of_range("shoeroot::zones: " + std::to_string(size) + " values are no arrays of " +
                              std::to_string(length));
   std::vector<decltype(zone(values, 0, length))> all;
   for (std::size_t i = 0; i < size / length; ++i)
      all.push_back(zone(values, i, length));
   return all;
}

// Lists in a list: the contents of all, flat, cut by how many each has.
template <class Array, class Counts>
auto lists(Array &&values, Counts &&counts)
{
   std::vector<decltype(detail::slice(values, 0, 0))> all;
   std::size_t start = 0;
   for (std::size_t i = 0; i < detail::count(counts, 0); ++i) {
      const std::size_t stop = start + counts[i];
      all.push_back(detail::slice(values, start, stop));
      start = stop;
   }
   return all;
}

// Texts in a list: p_chars and p_len. UTF-8.
template <class Chars, class Lengths>
std::vector<std::string> strings(Chars &&chars, Lengths &&lengths)
{
   std::vector<std::string> all;
   for (const auto &letters : lists(chars, lengths))
      all.emplace_back(letters.begin(), letters.end());
   return all;
}

// One text a row, a branch p/C, as RDataFrame gives it: RVec<char> with a NUL at its end.
template <class Chars>
std::string text(Chars &&chars)
{
   std::string letters;
   for (std::size_t i = 0; i < detail::count(chars, 0) && chars[i] != '\0'; ++i)
      letters += chars[i];
   return letters;
}

// A value that may be missing: p and p_valid.
template <class T>
std::optional<T> optional(const T &value, bool valid)
{
   return valid ? std::optional<T>(value) : std::nullopt;
}

// Where the rows of a second tree are: row(event_id, i) is the entry of list element i.
class Rows {
public:
   explicit Rows(TTree &tree)
   {
      TTreeReader reader(&tree);
      TTreeReaderValue<Long64_t> event(reader, "event_id");
      TTreeReaderValue<Int_t> index(reader, "index");
      while (reader.Next()) {
         auto &entries = fEntries[*event];
         if (*index != static_cast<Int_t>(entries.size()))
            throw std::runtime_error("shoeroot::Rows: event_id " + std::to_string(*event) +
                                     " is there twice, or its rows are out of order");
         entries.push_back(reader.GetCurrentEntry());
      }
   }

   // -1 where there is no such row.
   Long64_t row(Long64_t event, std::size_t i) const
   {
      const auto found = fEntries.find(event);
      return found == fEntries.end() || i >= found->second.size() ? -1 : found->second[i];
   }

   std::size_t count(Long64_t event) const
   {
      const auto found = fEntries.find(event);
      return found == fEntries.end() ? 0 : found->second.size();
   }

private:
   std::unordered_map<Long64_t, std::vector<Long64_t>> fEntries;
};

} // namespace shoeroot

#endif
