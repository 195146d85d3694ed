// Every kind of branch by RDataFrame and shoeroot.h, printed as JSON, one line an event.

#include <map>
#include <utility>

#include "ROOT/RDataFrame.hxx"
#include "ROOT/RVec.hxx"

#include "json.h"

using ROOT::RVec;
using Doubles = RVec<Double_t>;
using Floats = RVec<Float_t>;
using Ints = RVec<Int_t>;
using Letters = RVec<UChar_t>;
using Text = RVec<Char_t>;

void with_data_frame(const char *path)
{
   std::map<std::pair<Long64_t, Int_t>, std::string> series;
   ROOT::RDataFrame rows("rooms_series", path);
   rows.Foreach(
      [&](Long64_t event, Int_t index, const Floats &heat, const Text &note, const Ints &spots) {
         series[{event, index}] =
            "{" + members("heat", json(heat), "note", json(shoeroot::text(note)), "spots", json(spots)) + "}";
      },
      {"event_id", "index", "heat", "note", "spots"});

   std::map<Long64_t, std::string> rooms;
   ROOT::RDataFrame events("events", path);
   events.Foreach(
      [&](Long64_t event, Int_t count, const Doubles &area, const Letters &label, const Ints &label_len,
          const Floats &monthly, const Floats &height, const RVec<bool> &height_valid, const Doubles &corners,
          const Ints &corners_n, const Letters &words, const Ints &words_len, const Ints &words_n) {
         const auto labels = shoeroot::strings(label, label_len);
         const auto months = shoeroot::zones(monthly);
         const auto all_corners = shoeroot::lists(corners, corners_n);
         const auto all_words = shoeroot::strings(words, words_len);
         const auto room_words = shoeroot::lists(all_words, words_n);
         for (Int_t i = 0; i < count; ++i)
            rooms[event] += (i ? ", {" : "{") +
                            members("area", json(area[i]), "label", json(labels[i]), "monthly", json(months[i]),
                                    "height", json(shoeroot::optional(height[i], height_valid[i])), "corners",
                                    json(all_corners[i]), "words", json(room_words[i]), "series", series[{event, i}]) +
                            "}";
      },
      {"event_id", "rooms_n", "rooms_area", "rooms_label_chars", "rooms_label_len", "rooms_monthly", "rooms_height",
       "rooms_height_valid", "rooms_corners", "rooms_corners_n", "rooms_words_chars", "rooms_words_len",
       "rooms_words_n"});

   events.Foreach(
      [&](Long64_t event, bool flag, Short_t small, Float_t brief, const Text &name, const Text &empty,
          const Doubles &months, const RVec<bool> &marks, Double_t maybe, bool maybe_valid, const Text &title,
          bool title_valid, const RVec<Long64_t> &numbers, const RVec<bool> &flags, const Doubles &grid,
          const Ints &grid_n, const Letters &tags, const Ints &tags_len) {
         const auto line =
            members("event_id", json(event), "flag", json(flag), "small", json(small), "short", json(brief), "name",
                    json(shoeroot::text(name)), "empty", json(shoeroot::text(empty)), "months", json(months), "marks",
                    json(marks), "maybe", json(shoeroot::optional(maybe, maybe_valid)), "title",
                    json(shoeroot::optional(shoeroot::text(title), title_valid)), "numbers", json(numbers), "flags",
                    json(flags), "grid", json(shoeroot::lists(grid, grid_n)), "tags",
                    json(shoeroot::strings(tags, tags_len)), "rooms", "[" + rooms[event] + "]");
         std::printf("{%s}\n", line.c_str());
      },
      {"event_id", "flag", "small", "short", "name", "empty", "months", "marks", "maybe", "maybe_valid", "title",
       "title_valid", "numbers", "flags", "grid", "grid_item_n", "tags_chars", "tags_len"});
}
