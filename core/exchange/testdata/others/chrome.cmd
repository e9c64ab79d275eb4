curl ^"http://h.test/hook?a=1^&b=2^" ^
  -H ^"Accept: */*^" ^
  -H ^"X-Q: say ^\^"hi^\^"^" ^
  -H ^"Content-Type: application/json^" ^
  --data-raw ^"^{^\^"a^\^":^\^"b c^\^",^\^"p^\^":^\^"100^%^\^",^\^"n^\^":^\^"x^^y^\^"^}^"
C:\Users\me>curl "http://h.test/lines" --data-raw "one"^

"two" > nul
