// Starts govmomi's vCenter simulator over TLS, prints its URL as the first line, and ends with its standard input.
// User and password are read from the environment: VCSIM_USERNAME, VCSIM_PASSWORD. It plays the host's vm-support page too:
// each diagnostic interrupt that comes with a ticket is a further line, the path of the machine's file.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/vmware/govmomi/simulator"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address and port; port 0 picks a free one")
	machines := flag.Int("vm", 2, "machines in each of the two resource pools")
	esx := flag.Bool("esx", false, "an ESXi host instead of a vCenter")
	flag.Parse()

	model := simulator.VPX()
	if *esx {
		model = simulator.ESX()
	}
	model.Machine = *machines
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	defer model.Remove()
	model.Service.TLS = new(tls.Config)
	model.Service.HandleFunc("/cgi-bin/vm-support.cgi", interrupt)
	model.Service.Listen = &url.URL{
		Host: *listen,
		User: url.UserPassword(os.Getenv("VCSIM_USERNAME"), os.Getenv("VCSIM_PASSWORD")),
	}
	server := model.Service.NewServer()
	defer server.Close()
	server.URL.User = nil
	fmt.Println(server.URL)

	_, _ = io.Copy(io.Discard, os.Stdin)
}

func interrupt(w http.ResponseWriter, r *http.Request) {
	if _, err := r.Cookie("vmware_cgi_ticket"); err != nil {
		http.Error(w, "no ticket", http.StatusUnauthorized)
		return
	}
	fmt.Println(r.URL.Query().Get("vm"))
}
