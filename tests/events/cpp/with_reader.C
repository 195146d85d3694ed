// Every kind of branch by TTreeReader and shoeroot.h, printed as JSON, one line an event.

#include "TFile.h"
#include "TTreeReaderArray.h"

#include "json.h"

template <class T>
std::vector<T> all(TTreeReaderArray<T> &values)
{
   return std::vector<T>(values.begin(), values.end());
}

void with_reader(const char *path)
{
   TFile file(path);
   auto *tree = file.Get<TTree>("events");
   auto *second = file.Get<TTree>("rooms_series");
   const shoeroot::Rows rows(*second);

   TTreeReader events(tree);
   TTreeReaderValue<Long64_t> event_id(events, "event_id");
   TTreeReaderValue<bool> flag(events, "flag"), maybe_valid(events, "maybe_valid"), title_valid(events, "title_valid");
   TTreeReaderValue<Short_t> small(events, "small");
   TTreeReaderValue<Float_t> brief(events, "short");
   TTreeReaderValue<Double_t> maybe(events, "maybe");
   TTreeReaderValue<Int_t> rooms_n(events, "rooms_n");
   TTreeReaderArray<Char_t> name(events, "name"), empty(events, "empty"), title(events, "title");
   TTreeReaderArray<Double_t> months(events, "months"), grid(events, "grid"), area(events, "rooms_area");
   TTreeReaderArray<bool> marks(events, "marks"), flags(events, "flags"), height_valid(events, "rooms_height_valid");
   TTreeReaderArray<Long64_t> numbers(events, "numbers");
   TTreeReaderArray<Int_t> grid_n(events, "grid_item_n"), tags_len(events, "tags_len"), label_len(events, "rooms_label_len");
   TTreeReaderArray<Int_t> corners_n(events, "rooms_corners_n"), words_n(events, "rooms_words_n"), words_len(events, "rooms_words_len");
   TTreeReaderArray<UChar_t> tags(events, "tags_chars"), label(events, "rooms_label_chars"), words(events, "rooms_words_chars");
   TTreeReaderArray<Float_t> monthly(events, "rooms_monthly"), height(events, "rooms_height");
   TTreeReaderArray<Double_t> corners(events, "rooms_corners");

   TTreeReader series(second);
   TTreeReaderArray<Float_t> heat(series, "heat");
   TTreeReaderArray<Char_t> note(series, "note");
   TTreeReaderArray<Int_t> spots(series, "spots");

   while (events.Next()) {
      const auto labels = shoeroot::strings(label, label_len);
      const auto all_corners = shoeroot::lists(corners, corners_n);
      // Texts in a list in a list: first the texts, then how many each room has.
      const auto all_words = shoeroot::strings(words, words_len);
      const auto room_words = shoeroot::lists(all_words, words_n);
      if (rows.count(*event_id) != static_cast<std::size_t>(*rooms_n))
         throw std::runtime_error("rows and rooms differ");
      std::string rooms;
      for (int i = 0; i < *rooms_n; ++i) {
         series.SetEntry(rows.row(*event_id, i));
         rooms += (i ? ", {" : "{") +
                  members("area", json(area[i]), "label", json(labels[i]), "monthly", json(shoeroot::zone(monthly, i)),
                          "height", json(shoeroot::optional(height[i], height_valid[i])), "corners",
                          json(all_corners[i]), "words", json(room_words[i]), "series",
                          "{" + members("heat", json(all(heat)), "note", json(shoeroot::text(note)), "spots", json(all(spots))) + "}") +
                  "}";
      }
      const auto line = members(
         "event_id", json(*event_id), "flag", json(*flag), "small", json(*small), "short", json(*brief), "name",
         json(shoeroot::text(name)), "empty", json(shoeroot::text(empty)), "months", json(all(months)), "marks",
         json(all(marks)), "maybe", json(shoeroot::optional(*maybe, *maybe_valid)), "title",
         json(shoeroot::optional(shoeroot::text(title), *title_valid)), "numbers", json(all(numbers)), "flags",
         json(all(flags)), "grid", json(shoeroot::lists(grid, grid_n)), "tags",
         json(shoeroot::strings(tags, tags_len)), "rooms", "[" + rooms + "]");
      std::printf("{%s}\n", line.c_str());
   }
}
