package core_test

import (
	"strings"
	"testing"

	"hookglass/core"
)

func TestInward(t *testing.T) {
	for _, host := range strings.Fields("localhost a.localhost 127.0.0.1 127.1 2130706433 0x7f.0.0.1 0x7f000001 10.0.0.1 192.168.1.1 172.16.0.1 169.254.169.254 [::1] [::] 0.0.0.0 [fe80::1%25eth0] [fc00::1] [::ffff:10.0.0.1] 100.64.1.1 intranet printer.local metadata.google.internal [64:ff9b::7f00:1] [2002:7f00:1::] [64:ff9b:1::1] 0.1.2.3 198.18.0.1 255.255.255.255 224.0.0.1 10.0.0.1:80 localhost.") {
		if !core.Inward(host) {
			t.Errorf("%s leads inwards", host)
		}
	}
	for _, host := range strings.Fields("example.com 93.184.216.34 [2606:2800:220:1::1] example.com:8080 hooks.example.test. 1.1.1.1") {
		if core.Inward(host) {
			t.Errorf("%s does not lead inwards", host)
		}
	}
}
