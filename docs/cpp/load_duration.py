"""The load-duration curve of all zones together: how many hours of the year ask for how much.

python docs/cpp/load_duration.py campaign/events/part-0000.root ...
"""

import sys

import numpy as np
import ROOT

from shoeroot.events import include_folder

ROOT.gInterpreter.AddIncludePath(str(include_folder()))
ROOT.gInterpreter.Declare('#include "shoeroot.h"')

paths = sys.argv[1:]
events = ROOT.RDataFrame("events", paths)
hourly = ROOT.RDataFrame("zones_hourly", paths)

# A text branch is an RVec<char> here: shoeroot::text makes a std::string of it.
good = events.Filter('shoeroot::text(status) == "ok"').Count()

# Sum(heating) would add floats in float, Sum(heating, 0.0) would count hours: see docs/cpp.md.
year = hourly.Define("year", "shoeroot::zone(heating, 0, 8760).sum()")
total, largest = year.Sum("year"), year.Max("year")

# Hour by hour over all zones: an aggregation of our own, in double.
ROOT.gInterpreter.Declare("""
std::vector<double> sum_by_hour(ROOT::RDF::RNode rows)
{
   auto add = [](std::vector<double> &sum, const ROOT::RVec<float> &row) {
      sum.resize(std::max(sum.size(), row.size()));
      for (std::size_t hour = 0; hour < row.size(); ++hour)
         sum[hour] += row[hour];
   };
   auto merge = [](std::vector<std::vector<double>> &sums) {
      for (std::size_t other = 1; other < sums.size(); ++other)
         for (std::size_t hour = 0; hour < sums[other].size(); ++hour)
            sums[0][hour] += sums[other][hour];
   };
   return rows.Aggregate(add, merge, "heating", std::vector<double>(8760)).GetValue();
}
""")
hours = np.array(ROOT.sum_by_hour(ROOT.RDF.AsRNode(hourly)))

load = np.sort(hours)[::-1]
print(f"{good.GetValue()} good events, {total.GetValue():.1f} kWh, {largest.GetValue():.1f} kWh")
for hour in (1, 100, 1000, 4000, 8760):
    print(f"{hour:5d} h at {load[hour - 1]:.2f} kW or more")
