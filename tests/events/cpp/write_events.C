// Writes the records of test_cpp.py's from_root with ROOT alone, branch by branch.

#include <string>
#include <vector>

#include "TFile.h"
#include "TObjString.h"
#include "TTree.h"

// A jagged branch under its own counter; the array must not move between two fills.
template <class T>
struct Jagged {
   Int_t count = 0;
   std::vector<T> values = std::vector<T>(1000);

   Jagged(TTree &tree, const std::string &name, const char *letter)
   {
      tree.Branch(("n" + name).c_str(), &count, ("n" + name + "/I").c_str());
      tree.Branch(name.c_str(), values.data(), (name + "[n" + name + "]/" + letter).c_str());
   }
   void add(T value) { values[count++] = value; }
};

void write_events(const char *path, int compression, const char *schema, const char *schema_id)
{
   TFile file(path, "RECREATE", "", compression);
   TTree tree("events", "events"), second("walls_series", "walls_series");
   tree.SetAutoFlush(128);

   Long64_t event_id;
   Bool_t flag, maybe_valid;
   std::vector<char> name(1000), note(1000);
   Double_t months[12], maybe;
   Int_t walls_n, index;
   Float_t heat[4];
   tree.Branch("event_id", &event_id, "event_id/L");
   tree.Branch("flag", &flag, "flag/O");
   tree.Branch("name", name.data(), "name/C");
   tree.Branch("months", months, "months[12]/D");
   tree.Branch("maybe_valid", &maybe_valid, "maybe_valid/O");
   tree.Branch("maybe", &maybe, "maybe/D");
   Int_t numbers_n;
   tree.Branch("numbers_n", &numbers_n, "numbers_n/I");
   Jagged<Int_t> numbers(tree, "numbers", "I");
   tree.Branch("walls_n", &walls_n, "walls_n/I");
   Jagged<Double_t> area(tree, "walls_area", "D");
   Jagged<Int_t> names_n(tree, "walls_names_n", "I"), names_len(tree, "walls_names_len", "I");
   Jagged<UChar_t> names_chars(tree, "walls_names_chars", "b");
   Jagged<Float_t> monthly(tree, "walls_monthly", "F");

   second.Branch("event_id", &event_id, "event_id/L");
   second.Branch("index", &index, "index/I");
   second.Branch("heat", heat, "heat[4]/F");
   second.Branch("note", note.data(), "note/C");
   Int_t spots_n;
   second.Branch("spots_n", &spots_n, "spots_n/I");
   Jagged<Int_t> spots(second, "spots", "I");

   for (int number = 0; number < 500; ++number) {
      event_id = 1000 + number;
      flag = number % 2 == 1;
      std::string letters;
      for (int k = 0; k < number % 200; ++k)
         letters += "\xc3\xb6";
      std::copy_n(letters.c_str(), letters.size() + 1, name.begin());
      for (int k = 0; k < 12; ++k)
         months[k] = double(k) * number;
      maybe_valid = number % 3 == 0;
      maybe = maybe_valid ? number / 2. : 0;
      numbers_n = numbers.count = 0;
      for (; numbers_n < number % 5; ++numbers_n)
         numbers.add(numbers_n);
      walls_n = number % 3;
      for (Int_t *count : {&area.count, &names_n.count, &names_len.count, &names_chars.count, &monthly.count})
         *count = 0;
      for (int k = 0; k < walls_n; ++k) {
         area.add(k);
         names_n.add(k == 0 ? 1 : 2);
         names_len.add(2 * k);
         for (int e = 0; e < k; ++e) {
            names_chars.add(0xc3);
            names_chars.add(0xa9);
         }
         if (k > 0)
            names_len.add(0);
         for (int month = 0; month < 12; ++month)
            monthly.add(month + k);
         index = k;
         for (int hour = 0; hour < 4; ++hour)
            heat[hour] = hour * k;
         const auto text = "note " + std::to_string(k);
         std::copy_n(text.c_str(), text.size() + 1, note.begin());
         spots_n = k;
         spots.count = 0;
         for (int s = 0; s < k; ++s)
            spots.add(k);
         second.Fill();
      }
      tree.Fill();
   }
   tree.Write();
   second.Write();
   if (schema[0] != '\0') {
      file.mkdir("meta")->cd();
      TObjString("shoeroot events 1").Write("format");
      TObjString(schema).Write("schema");
      TObjString(schema_id).Write("schema_id");
   }
   file.Close();
}
