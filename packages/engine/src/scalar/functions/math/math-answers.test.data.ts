/** See parseAnswers for the form. */
export const mathAnswers = String.raw`
sqrt(float8)
  0 → 0
  1 → 1
  -1 → !2201F cannot take square root of a negative number
  0.5 → 0.7071067811865476
  -0.5 → !2201F cannot take square root of a negative number
  2.5 → 1.5811388300841898
  3.5 → 1.8708286933869707
  -2.5 → !2201F cannot take square root of a negative number
  10 → 3.1622776601683795
  100 → 10
  1e300 → 1e+150
  -1e300 → !2201F cannot take square root of a negative number
  NaN → NaN
  Infinity → Infinity
  -Infinity → !2201F cannot take square root of a negative number
  0.1 → 0.31622776601683794
  720 → 26.832815729997478
  -745.5 → !2201F cannot take square root of a negative number
  1e-300 → 1e-150
  4503599627370497.5 → 67108864.00000001
cbrt(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 0.7937005259840998
  -0.5 → -0.7937005259840998
  2.5 → 1.3572088082974534
  -2.5 → -1.3572088082974534
  1e300 → 1e+100
  -1e300 → -1e+100
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  720 → 8.96280949311433
  1e-300 → 1e-100
  4503599627370497.5 → 165140.37185182085
exp(float8)
  0 → 1
  1 → 2.718281828459045
  -1 → 0.36787944117144233
  0.5 → 1.6487212707001282
  -0.5 → 0.6065306597126334
  2.5 → 12.182493960703473
  3.5 → 33.11545195869231
  -2.5 → 0.0820849986238988
  10 → 22026.465794806718
  100 → 2.6881171418161356e+43
  1e300 → !22003 value out of range: overflow
  -1e300 → !22003 value out of range: underflow
  NaN → NaN
  Infinity → Infinity
  -Infinity → 0
  0.1 → 1.1051709180756477
  720 → !22003 value out of range: overflow
  -745.5 → !22003 value out of range: underflow
  1e-300 → 1
  4503599627370497.5 → !22003 value out of range: overflow
ln(float8)
  0 → !2201E cannot take logarithm of zero
  1 → 0
  -1 → !2201E cannot take logarithm of a negative number
  0.5 → -0.6931471805599453
  -0.5 → !2201E cannot take logarithm of a negative number
  2.5 → 0.9162907318741551
  3.5 → 1.252762968495368
  -2.5 → !2201E cannot take logarithm of a negative number
  10 → 2.302585092994046
  100 → 4.605170185988092
  1e300 → 690.7755278982137
  -1e300 → !2201E cannot take logarithm of a negative number
  NaN → NaN
  Infinity → Infinity
  -Infinity → !2201E cannot take logarithm of a negative number
  0.1 → -2.3025850929940455
  720 → 6.579251212010101
  -745.5 → !2201E cannot take logarithm of a negative number
  1e-300 → -690.7755278982137
  4503599627370497.5 → 36.04365338911715
log(float8)
  0 → !2201E cannot take logarithm of zero
  1 → 0
  -1 → !2201E cannot take logarithm of a negative number
  0.5 → -0.3010299956639812
  -0.5 → !2201E cannot take logarithm of a negative number
  2.5 → 0.3979400086720376
  3.5 → 0.5440680443502757
  -2.5 → !2201E cannot take logarithm of a negative number
  10 → 1
  100 → 2
  1e300 → 300
  -1e300 → !2201E cannot take logarithm of a negative number
  NaN → NaN
  Infinity → Infinity
  -Infinity → !2201E cannot take logarithm of a negative number
  0.1 → -1
  720 → 2.8573324964312685
  -745.5 → !2201E cannot take logarithm of a negative number
  1e-300 → -300
  4503599627370497.5 → 15.653559774527022
log10(float8)
  0 → !2201E cannot take logarithm of zero
  1 → 0
  -1 → !2201E cannot take logarithm of a negative number
  0.5 → -0.3010299956639812
  -0.5 → !2201E cannot take logarithm of a negative number
  2.5 → 0.3979400086720376
  3.5 → 0.5440680443502757
  -2.5 → !2201E cannot take logarithm of a negative number
  10 → 1
  100 → 2
  1e300 → 300
  -1e300 → !2201E cannot take logarithm of a negative number
  NaN → NaN
  Infinity → Infinity
  -Infinity → !2201E cannot take logarithm of a negative number
  0.1 → -1
  720 → 2.8573324964312685
  -745.5 → !2201E cannot take logarithm of a negative number
  1e-300 → -300
  4503599627370497.5 → 15.653559774527022
ceil(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 1
  -0.5 → -0
  2.5 → 3
  3.5 → 4
  -2.5 → -2
  10 → 10
  100 → 100
  1e300 → 1e+300
  -1e300 → -1e+300
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 1
  720 → 720
  -745.5 → -745
  1e-300 → 1
  4503599627370497.5 → 4.503599627370498e+15
ceiling(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 1
  -0.5 → -0
  2.5 → 3
  3.5 → 4
  -2.5 → -2
  10 → 10
  100 → 100
  1e300 → 1e+300
  -1e300 → -1e+300
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 1
  720 → 720
  -745.5 → -745
  1e-300 → 1
  4503599627370497.5 → 4.503599627370498e+15
floor(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 0
  -0.5 → -1
  2.5 → 2
  3.5 → 3
  -2.5 → -3
  10 → 10
  100 → 100
  1e300 → 1e+300
  -1e300 → -1e+300
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0
  720 → 720
  -745.5 → -746
  1e-300 → 0
  4503599627370497.5 → 4.503599627370498e+15
round(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 0
  -0.5 → -0
  2.5 → 2
  3.5 → 4
  -2.5 → -2
  10 → 10
  100 → 100
  1e300 → 1e+300
  -1e300 → -1e+300
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0
  720 → 720
  -745.5 → -746
  1e-300 → 0
  4503599627370497.5 → 4.503599627370498e+15
trunc(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 0
  -0.5 → -0
  2.5 → 2
  3.5 → 3
  -2.5 → -2
  10 → 10
  100 → 100
  1e300 → 1e+300
  -1e300 → -1e+300
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0
  720 → 720
  -745.5 → -745
  1e-300 → 0
  4503599627370497.5 → 4.503599627370498e+15
sign(float8)
  0 → 0
  1 → 1
  -1 → -1
  0.5 → 1
  -0.5 → -1
  2.5 → 1
  3.5 → 1
  -2.5 → -1
  10 → 1
  100 → 1
  1e300 → 1
  -1e300 → -1
  NaN → 0
  Infinity → 1
  -Infinity → -1
  0.1 → 1
  720 → 1
  -745.5 → -1
  1e-300 → 1
  4503599627370497.5 → 1
degrees(float8)
  0 → 0
  1 → 57.29577951308232
  -1 → -57.29577951308232
  0.5 → 28.64788975654116
  -0.5 → -28.64788975654116
  2.5 → 143.2394487827058
  3.5 → 200.53522829578813
  -2.5 → -143.2394487827058
  10 → 572.9577951308232
  100 → 5729.5779513082325
  1e300 → 5.729577951308232e+301
  -1e300 → -5.729577951308232e+301
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 5.729577951308232
  720 → 41252.96124941927
  -745.5 → -42714.00362700287
  1e-300 → 5.729577951308232e-299
  4503599627370497.5 → 2.5803725126501974e+17
radians(float8)
  0 → 0
  1 → 0.017453292519943295
  -1 → -0.017453292519943295
  0.5 → 0.008726646259971648
  -0.5 → -0.008726646259971648
  2.5 → 0.04363323129985824
  3.5 → 0.061086523819801536
  -2.5 → -0.04363323129985824
  10 → 0.17453292519943295
  100 → 1.7453292519943295
  1e300 → 1.7453292519943297e+298
  -1e300 → -1.7453292519943297e+298
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0.0017453292519943296
  720 → 12.566370614359172
  -745.5 → -13.011429573617727
  1e-300 → 1.7453292519943295e-302
  4503599627370497.5 → 78602641689204.92
sin(float8)
  0 → 0
  1 → 0.8414709848078965
  -1 → -0.8414709848078965
  0.5 → 0.479425538604203
  -0.5 → -0.479425538604203
  3.5 → -0.35078322768961984
  10 → -0.5440211108893698
  100 → -0.5063656411097588
  1e300 → -0.8178819121159085
  -1e300 → 0.8178819121159085
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 0.09983341664682815
  720 → -0.5440716964379951
  -745.5 → 0.8090542014072699
  1e-300 → 1e-300
  4503599627370497.5 → -0.8052983708137504
cos(float8)
  0 → 1
  1 → 0.5403023058681398
  -1 → 0.5403023058681398
  0.5 → 0.8775825618903728
  -0.5 → 0.8775825618903728
  2.5 → -0.8011436155469337
  3.5 → -0.9364566872907963
  -2.5 → -0.8011436155469337
  10 → -0.8390715290764524
  100 → 0.8623188722876839
  1e300 → -0.5753861119575491
  -1e300 → -0.5753861119575491
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  720 → -0.8390387292223656
  -745.5 → -0.5877340377970675
  1e-300 → 1
  4503599627370497.5 → -0.5928697445178994
tan(float8)
  0 → 0
  1 → 1.5574077246549023
  -1 → -1.5574077246549023
  0.5 → 0.5463024898437905
  -0.5 → -0.5463024898437905
  2.5 → -0.7470222972386603
  3.5 → 0.3745856401585947
  -2.5 → 0.7470222972386603
  10 → 0.6483608274590866
  100 → -0.5872139151569291
  1e300 → 1.4214488238747245
  -1e300 → -1.4214488238747245
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 0.10033467208545055
  720 → 0.6484464631832305
  -745.5 → -1.376565162772859
  1e-300 → 1e-300
  4503599627370497.5 → 1.358305729479568
cot(float8)
  0 → Infinity
  1 → 0.6420926159343306
  -1 → -0.6420926159343306
  0.5 → 1.830487721712452
  -0.5 → -1.830487721712452
  2.5 → -1.3386481283041514
  3.5 → 2.669616484968866
  -2.5 → 1.3386481283041514
  10 → 1.5423510453569202
  100 → -1.702956919426469
  1e300 → 0.7035075643976418
  -1e300 → -0.7035075643976418
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 9.966644423259238
  720 → 1.5421473579962013
  -745.5 → -0.7264458138586539
  1e-300 → 9.999999999999999e+299
  4503599627370497.5 → 0.7362112801976827
asin(float8)
  0 → 0
  1 → 1.5707963267948966
  -1 → -1.5707963267948966
  0.5 → 0.5235987755982989
  -0.5 → -0.5235987755982989
  2.5 → !22003 input is out of range
  3.5 → !22003 input is out of range
  -2.5 → !22003 input is out of range
  10 → !22003 input is out of range
  100 → !22003 input is out of range
  1e300 → !22003 input is out of range
  -1e300 → !22003 input is out of range
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 0.1001674211615598
  720 → !22003 input is out of range
  -745.5 → !22003 input is out of range
  1e-300 → 1e-300
  4503599627370497.5 → !22003 input is out of range
acos(float8)
  0 → 1.5707963267948966
  1 → 0
  -1 → 3.141592653589793
  0.5 → 1.0471975511965979
  -0.5 → 2.0943951023931957
  2.5 → !22003 input is out of range
  3.5 → !22003 input is out of range
  -2.5 → !22003 input is out of range
  10 → !22003 input is out of range
  100 → !22003 input is out of range
  1e300 → !22003 input is out of range
  -1e300 → !22003 input is out of range
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 1.4706289056333368
  720 → !22003 input is out of range
  -745.5 → !22003 input is out of range
  1e-300 → 1.5707963267948966
  4503599627370497.5 → !22003 input is out of range
atan(float8)
  0 → 0
  1 → 0.7853981633974483
  -1 → -0.7853981633974483
  0.5 → 0.4636476090008061
  -0.5 → -0.4636476090008061
  2.5 → 1.1902899496825317
  3.5 → 1.2924966677897853
  -2.5 → -1.1902899496825317
  10 → 1.4711276743037347
  100 → 1.5607966601082315
  1e300 → 1.5707963267948966
  -1e300 → -1.5707963267948966
  NaN → NaN
  Infinity → 1.5707963267948966
  -Infinity → -1.5707963267948966
  0.1 → 0.09966865249116204
  720 → 1.569407438799068
  -745.5 → -1.569454945976342
  1e-300 → 1e-300
  4503599627370497.5 → 1.5707963267948963
sinh(float8)
  0 → 0
  1 → 1.1752011936438014
  -1 → -1.1752011936438014
  0.5 → 0.5210953054937474
  -0.5 → -0.5210953054937474
  2.5 → 6.0502044810397875
  3.5 → 16.542627287634996
  -2.5 → -6.0502044810397875
  10 → 11013.232874703393
  100 → 1.3440585709080678e+43
  1e300 → Infinity
  -1e300 → -Infinity
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0.10016675001984403
  720 → Infinity
  -745.5 → -Infinity
  1e-300 → 1e-300
  4503599627370497.5 → Infinity
cosh(float8)
  0 → 1
  1 → 1.5430806348152437
  -1 → 1.5430806348152437
  0.5 → 1.1276259652063807
  -0.5 → 1.1276259652063807
  2.5 → 6.132289479663686
  3.5 → 16.572824671057315
  -2.5 → 6.132289479663686
  10 → 11013.232920103324
  100 → 1.3440585709080678e+43
  1e300 → Infinity
  -1e300 → Infinity
  NaN → NaN
  Infinity → Infinity
  -Infinity → Infinity
  0.1 → 1.0050041680558035
  720 → Infinity
  -745.5 → Infinity
  1e-300 → 1
  4503599627370497.5 → Infinity
tanh(float8)
  0 → 0
  1 → 0.7615941559557649
  -1 → -0.7615941559557649
  0.5 → 0.46211715726000974
  -0.5 → -0.46211715726000974
  2.5 → 0.9866142981514303
  3.5 → 0.9981778976111987
  -2.5 → -0.9866142981514303
  10 → 0.9999999958776927
  100 → 1
  1e300 → 1
  -1e300 → -1
  NaN → NaN
  Infinity → 1
  -Infinity → -1
  0.1 → 0.09966799462495582
  720 → 1
  -745.5 → -1
  1e-300 → 1e-300
  4503599627370497.5 → 1
asinh(float8)
  0 → 0
  1 → 0.881373587019543
  -1 → -0.881373587019543
  0.5 → 0.48121182505960347
  -0.5 → -0.48121182505960347
  2.5 → 1.6472311463710958
  3.5 → 1.9657204716496515
  -2.5 → -1.6472311463710958
  10 → 2.99822295029797
  100 → 5.298342365610589
  1e300 → 691.4686750787736
  -1e300 → -691.4686750787736
  NaN → NaN
  Infinity → Infinity
  -Infinity → -Infinity
  0.1 → 0.09983407889920758
  720 → 7.272398874822784
  -745.5 → -7.3072027645906
  1e-300 → 1e-300
  4503599627370497.5 → 36.7368005696771
acosh(float8)
  0 → !22003 input is out of range
  1 → 0
  -1 → !22003 input is out of range
  0.5 → !22003 input is out of range
  -0.5 → !22003 input is out of range
  2.5 → 1.566799236972411
  3.5 → 1.9248473002384139
  -2.5 → !22003 input is out of range
  10 → 2.993222846126381
  100 → 5.298292365610484
  1e300 → 691.4686750787736
  -1e300 → !22003 input is out of range
  NaN → NaN
  Infinity → Infinity
  -Infinity → !22003 input is out of range
  0.1 → !22003 input is out of range
  720 → 7.272397910316611
  -745.5 → !22003 input is out of range
  1e-300 → !22003 input is out of range
  4503599627370497.5 → 36.7368005696771
atanh(float8)
  0 → 0
  1 → Infinity
  -1 → -Infinity
  0.5 → 0.5493061443340548
  -0.5 → -0.5493061443340548
  2.5 → !22003 input is out of range
  3.5 → !22003 input is out of range
  -2.5 → !22003 input is out of range
  10 → !22003 input is out of range
  100 → !22003 input is out of range
  1e300 → !22003 input is out of range
  -1e300 → !22003 input is out of range
  NaN → NaN
  Infinity → !22003 input is out of range
  -Infinity → !22003 input is out of range
  0.1 → 0.10033534773107558
  720 → !22003 input is out of range
  -745.5 → !22003 input is out of range
  1e-300 → 1e-300
  4503599627370497.5 → !22003 input is out of range
sind(float8)
  0 → 0
  30 → 0.5
  45 → 0.7071067811865475
  60 → 0.8660254037844387
  90 → 1
  120 → 0.8660254037844387
  135 → 0.7071067811865475
  150 → 0.5
  180 → 0
  210 → -0.5
  225 → -0.7071067811865475
  270 → -1
  300 → -0.8660254037844387
  330 → -0.5
  360 → 0
  -30 → -0.5
  -45 → -0.7071067811865475
  -90 → -1
  390 → 0.5
  1e10 → -0.984807753012208
  NaN → NaN
  Infinity → !22003 input is out of range
  12.5 → 0.2164396139381029
cosd(float8)
  0 → 1
  30 → 0.8660254037844387
  45 → 0.7071067811865475
  60 → 0.5
  90 → 0
  120 → -0.5
  135 → -0.7071067811865475
  150 → -0.8660254037844387
  180 → -1
  210 → -0.8660254037844387
  225 → -0.7071067811865475
  270 → 0
  300 → 0.5
  330 → 0.8660254037844387
  360 → 1
  -30 → 0.8660254037844387
  -45 → 0.7071067811865475
  -90 → 0
  390 → 0.8660254037844387
  1e10 → 0.17364817766693036
  NaN → NaN
  Infinity → !22003 input is out of range
  12.5 → 0.9762960071199334
tand(float8)
  0 → 0
  30 → 0.5773502691896257
  45 → 1
  60 → 1.7320508075688774
  90 → Infinity
  120 → -1.7320508075688774
  135 → -1
  150 → -0.5773502691896257
  180 → 0
  210 → 0.5773502691896257
  225 → 1
  270 → -Infinity
  300 → -1.7320508075688774
  330 → -0.5773502691896257
  360 → 0
  -30 → -0.5773502691896257
  -45 → -1
  -90 → -Infinity
  390 → 0.5773502691896257
  1e10 → -5.671281819617709
  NaN → NaN
  Infinity → !22003 input is out of range
  12.5 → 0.22169466264293994
cotd(float8)
  0 → Infinity
  30 → 1.7320508075688774
  45 → 1
  60 → 0.5773502691896257
  90 → 0
  120 → -0.5773502691896257
  135 → -1
  150 → -1.7320508075688774
  180 → -Infinity
  210 → 1.7320508075688774
  225 → 1
  270 → 0
  300 → -0.5773502691896257
  330 → -1.7320508075688774
  360 → Infinity
  -30 → -1.7320508075688774
  -45 → -1
  -90 → 0
  390 → 1.7320508075688774
  1e10 → -0.176326980708465
  NaN → NaN
  Infinity → !22003 input is out of range
  12.5 → 4.510708503662056
asind(float8)
  0 → 0
  0.5 → 30
  -0.5 → -30
  1 → 90
  -1 → -90
  0.25 → 14.477512185929923
  -0.75 → -48.59037789072914
  2 → !22003 input is out of range
  NaN → NaN
acosd(float8)
  0 → 90
  0.5 → 60
  -0.5 → 120
  1 → 0
  -1 → 180
  0.25 → 75.52248781407008
  -0.75 → 138.59037789072914
  2 → !22003 input is out of range
  NaN → NaN
atand(float8)
  0 → 0
  1 → 45
  -1 → -45
  Infinity → 90
  0.5 → 26.565051177077986
  NaN → NaN
pi()
   → 3.141592653589793
atan2(float8,float8)
  0¦0 → 0
  0¦1 → 0
  0¦-1 → 3.141592653589793
  0¦Infinity → 0
  0¦NaN → NaN
  1¦0 → 1.5707963267948966
  1¦1 → 0.7853981633974483
  1¦-1 → 2.356194490192345
  1¦Infinity → 0
  1¦NaN → NaN
  -1¦0 → -1.5707963267948966
  -1¦1 → -0.7853981633974483
  -1¦-1 → -2.356194490192345
  -1¦Infinity → -0
  -1¦NaN → NaN
  Infinity¦0 → 1.5707963267948966
  Infinity¦1 → 1.5707963267948966
  Infinity¦-1 → 1.5707963267948966
  Infinity¦Infinity → 0.7853981633974483
  Infinity¦NaN → NaN
  NaN¦0 → NaN
  NaN¦1 → NaN
  NaN¦-1 → NaN
  NaN¦Infinity → NaN
atan2d(float8,float8)
  0¦0 → 0
  0¦1 → 0
  0¦-1 → 180
  0¦Infinity → 0
  0¦NaN → NaN
  1¦0 → 90
  1¦1 → 45
  1¦-1 → 135
  1¦Infinity → 0
  1¦NaN → NaN
  -1¦0 → -90
  -1¦1 → -45
  -1¦-1 → -135
  -1¦Infinity → -0
  -1¦NaN → NaN
  Infinity¦0 → 90
  Infinity¦1 → 90
  Infinity¦-1 → 90
  Infinity¦Infinity → 45
  Infinity¦NaN → NaN
  NaN¦0 → NaN
  NaN¦1 → NaN
  NaN¦-1 → NaN
  NaN¦Infinity → NaN
power(float8,float8)
  0¦0 → 1
  0¦0.5 → 0
  0¦-Infinity → !2201F zero raised to a negative power is undefined
  -0¦0.5 → 0
  -0¦-Infinity → !2201F zero raised to a negative power is undefined
  1¦0.5 → 1
  1¦-Infinity → 1
  -1¦0.5 → !2201F a negative number raised to a non-integer power yields a complex result
  -1¦-Infinity → 1
  2¦0.5 → 1.4142135623730951
  -2¦0 → 1
  -2¦-0.5 → !2201F a negative number raised to a non-integer power yields a complex result
  0.5¦0 → 1
  0.5¦0.5 → 0.7071067811865476
  1e200¦0 → 1
  1e200¦-0.5 → 1e-100
  NaN¦0 → 1
  NaN¦-0.5 → NaN
  Infinity¦0 → 1
  Infinity¦-0.5 → 0
  -Infinity¦0 → 1
  -Infinity¦-0.5 → !2201F a negative number raised to a non-integer power yields a complex result
  10¦0 → 1
  10¦-0.5 → 0.31622776601683794
width_bucket(float8,float8,float8,int4)
  5.35¦0.024¦10.06¦5 → 3
  0¦0¦10¦5 → 1
  10¦0¦10¦5 → 6
  -1¦0¦10¦5 → 0
  11¦0¦10¦5 → 6
  5¦10¦0¦4 → 3
  2.5¦10¦0¦4 → 4
  5¦1¦1¦4 → !2201G lower bound cannot equal upper bound
  5¦1¦2¦0 → !2201G count must be greater than zero
  NaN¦1¦2¦3 → !2201G operand, lower bound, and upper bound cannot be NaN
  5¦-Infinity¦2¦3 → !2201G lower and upper bounds must be finite
  Infinity¦1¦2¦3 → 4
  3¦1¦2¦2147483647 → !22003 integer out of range
width_bucket(int4,_int4)
  5¦{1,3,5,7} → 3
  0¦{1,3} → 0
  9¦{1,3} → 2
  1¦{} → 0
  1¦{1,NULL} → !22004 thresholds array must not contain NULLs
  1¦{{1},{2}} → !2202E thresholds must be one-dimensional array
width_bucket(text,_text)
  b¦{a,b,c} → 2
`
