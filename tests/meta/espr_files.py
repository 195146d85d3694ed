"""Small databases and patterns of use in the forms that ESP-r writes."""

TAGGED_MATERIALS = """\
*Materials 1.1
*date,Sat Jun 23 12:15:16 2011
# materials database
*doc,Materials of a test.
2  # number of classifications
# class index |nb items|description (32 char)
*class, 1, 2,Brick
Category ( 1) Brick
*item,Lt brown brick,  6, 1,Light brown brick
0.960,2000.000,650.000,0.900,0.900,0.700,0.700,25.000,100.0,-
*item,glasswool,211, 1,Glasswool (generic)
0.040,250.000,840.000,0.900,0.900,0.300,0.300,4.000,100.0,-
*class, 2, 3,Glass
Category ( 2) Glass
*item,plate glass,242, 2,Plate glass
0.760,2710.000,837.000,0.830,0.830,0.050,0.050,19200.000,6.0,t,0.000,0.000,0.000
*item,low_e glass,246, 2,Low-e glass
1.050,2500.000,750.000,0.840,0.100,0.060,0.060,19200.000,6.0,t,0.000,0.000,0.000
*item,Void 400mm,-99, 2,Void 400mm
0.000,0.000,0.000,0.990,0.990,0.990,0.990,1.000,25.0,g,0.00000,0.000000
"""

OLD_MATERIALS = """\
# primitives construction db
   2    #  number of classifications
# class|no elements|description
    1    1   Brick
    6   Lt brown brick
        0.960, 2000.000,  650.000,  0.900,  0.700,     25.000
# class|no elements|description
    2    2   Others
  211   Glasswool
        0.040,  250.000,  840.000,  0.900,  0.300,      4.000
  242   Plate glass
        0.760, 2710.000,  837.000,  0.830,  0.050,  19200.000
"""

CONSTRUCTIONS = """\
# composite construction db defined in a test
# based on materials db
    2     # no of composites
# layers  description   optics name   symmetry tag
    3    wall          OPAQ  OPAQUE        NONSYMMETRIC
# mat ref thickness (m) mat descr & air gap R
    6    0.1000  Lt brown brick : Light brown brick
  211    0.0750  glasswool : Glasswool (generic)
    0    0.0500  air  0.180 0.180 0.180
# layers  description   optics name   symmetry tag
    3    d_glz         TRAN  TEST_06nb     SYMMETRIC
# mat ref thickness (m) mat descr & air gap R
  242    0.0060  plate glass : Plate glass
    0    0.0120  gap  0.170 0.170 0.170
  242    0.0060  plate glass : Plate glass
"""

OPTICS = """\
# optical properties db for glazing
# 12 char id |  description       | thick | blind
TEST_06nb     :Clear float 76/71,     6mm, no blind
# def lyr, tmc lyr, vis trn, sol refl, sol absor, U val
  1   3  0.760  0.110  0.280  2.800
# direct trn @ 5 angles, total heat gain @ 5 angles
  0.611 0.583 0.534 0.384 0.170 0.711 0.690 0.645 0.487 0.250
# refr index, absorption @ 5 angles for each tmc layer
  1.520 0.157 0.172 0.185 0.201 0.202
  1.000 0.001 0.002 0.003 0.004 0.005
  1.520 0.117 0.124 0.127 0.112 0.077
"""

#: Of version 1: lights over floor area, three types of days.
OPERATIONS_1 = """\
*Operations 1.0
*date Thu Mar 16 13:00:06 2006  # latest file modification
# operations of a classroom
30 students from 9-12 and 13-15 weekdays, lights @ 10W/m^2
# control(no control of air flow  ), low mid & high setpoints
   0     0.000     0.000     0.000
     2   # no Weekday flow periods
   0,  9,    0.200    0.000    0    0.000
   9, 24,    4.000    0.000    0    0.000
     1   # no Saturday flow periods
   0, 24,    0.200    0.000    0    0.000
     1   # no Sunday flow periods
   0, 24,    0.200    0.000    0    0.000
     3   # no Weekday casual gains
    1,   9,  12,   2000.0,   1000.0, 0.500, 0.500
   -2,   9,  15,     10.0,      0.0, 0.200, 0.800
    3,   0,  24,    200.0,      0.0, 0.000, 1.000
     1   # no Saturday casual gains
    3,   0,  24,    200.0,      0.0, 0.000, 1.000
     0   # no Sunday casual gains
# Labels for gain types
 Occupt Lights Equipt
"""

#: Of version 2: types of gains are declared.
OPERATIONS_2 = """\
*Operations 2.1                               # zone operation definitions
*date Wed May 12 12:17:29 2021                # latest file modification
# infiltration and ventilation notes:
reception space 0.3 ach infiltration with 1 ach ventilation from office
   0      0.00      0.00    100.00            # control index
    1                                         # number of flow periods during weekday
   0, 24,    0.300    1.000    2     0.00     # start stop infil
    1                                         # number of flow periods during saturday
   0, 24,    0.300    1.000    2     0.00
    1                                         # number of flow periods during sunday
   0, 24,    0.300    1.000    2     0.00
*casual
# notes on casual gains:
reception space
*type Occupants    people             1   0   0
*type Lights       lighting           2   0   0
*end_type
     2   # number of casual gains in day type: weekday
   1,   9,  17,    540.0,    300.0,   0.20,   0.80
   2,   9,  17,    600.0,      0.0,   0.14,   0.00
     0   # number of casual gains in day type: saturday
     0   # number of casual gains in day type: sunday
"""
