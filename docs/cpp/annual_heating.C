// Heat of each event and its peak month, in three ways: TTree::Draw, TTreeReader, hourly rows.
//
//     root -l -b -q 'docs/cpp/annual_heating.C("campaign/events/part-0000.root")'

#include <algorithm>
#include <cstdio>

#include "TChain.h"
#include "TTreeReader.h"
#include "TTreeReaderArray.h"
#include "TTreeReaderValue.h"

#include "shoeroot.h"

void annual_heating(const char *path = "campaign/events/part-*.root")
{
   TChain events("events");
   TChain hourly("zones_hourly");
   events.Add(path);
   hourly.Add(path);

   // One number a zone: Draw fills a histogram or, with "goff", the arrays GetV1() and so on.
   const Long64_t selected = events.Draw("zones_heating", "status==\"ok\"", "goff");
   double total = 0;
   for (Long64_t i = 0; i < selected; ++i)
      total += events.GetV1()[i];
   std::printf("%lld zones of %lld events: %.1f kWh\n", selected, events.GetEntries(), total);

   // One line an event. zones_monthly_heating has 12 numbers a zone, one zone after the other.
   const shoeroot::Rows rows(hourly);
   TTreeReader reader(&events);
   TTreeReaderValue<Long64_t> event_id(reader, "event_id");
   TTreeReaderValue<Int_t> zones_n(reader, "zones_n");
   TTreeReaderArray<Float_t> monthly(reader, "zones_monthly_heating");
   TTreeReaderArray<Int_t> lengths(reader, "zones_name_len");
   TTreeReaderArray<UChar_t> letters(reader, "zones_name_chars");

   TTreeReader series(&hourly);
   TTreeReaderArray<Float_t> heating(series, "heating");

   while (reader.Next()) {
      const auto names = shoeroot::strings(letters, lengths);
      for (int i = 0; i < *zones_n; ++i) {
         const auto months = shoeroot::zone(monthly, i);
         const auto peak = std::max_element(months.begin(), months.end()) - months.begin();
         series.SetEntry(rows.row(*event_id, i));
         const auto hours = shoeroot::zone(heating, 0, 8760);
         std::printf("event %lld, %s: %.1f kWh in the year, %.1f kWh in month %td, %.2f kWh in the first hour\n",
                     *event_id, names[i].c_str(), hours.sum(), months[peak], peak + 1, hours[0]);
      }
   }
}
