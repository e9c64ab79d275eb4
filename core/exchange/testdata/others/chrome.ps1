$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession
$session.UserAgent = "Mozilla/5.0"
$session.Cookies.Add((New-Object System.Net.Cookie("sid", "abc", "/", "h.test")))
Invoke-WebRequest -UseBasicParsing -Uri "http://h.test/hook?a=1" `
-Method "POST" `
-WebSession $session `
-Headers @{
"x-q"="a`"b`$c"
  "accept"="*/*"
} `
-ContentType "application/json" `
-Body ([System.Text.Encoding]::UTF8.GetBytes("{`"e`":`"$([char]233)$([char]55357)$([char]56832)`"}"))
$headers = @{ 'X-A' = '1' }
$r = irm http://h.test/plain -Headers $headers | ConvertTo-Json
curl.exe -X POST http://h.test/native `
  -H 'X-A: it''s' `
  -d '{"a":1}'
Invoke-RestMethod -Method Post -Uri http://h.test/form -Body @{ a = "b c" }
Invoke-RestMethod -Uri http://h.test/x -Headers @{ Authorization = "Bearer $secret" }
