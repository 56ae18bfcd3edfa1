// Drives a vCenter through govmomi's client: logs in, finds a VM by name, by path and by UUID, switches its power and
// waits for the updates. The URL with user and password is read from the environment: VSPHERE_URL; the VM's name is the
// argument. Prints what it saw, one word a line.
package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	address, err := url.Parse(os.Getenv("VSPHERE_URL"))
	check(err)
	client, err := govmomi.NewClient(ctx, address, true)
	check(err)

	finder := find.NewFinder(client.Client)
	datacenter, err := finder.DefaultDatacenter(ctx)
	check(err)
	finder.SetDatacenter(datacenter)
	vm, err := finder.VirtualMachine(ctx, os.Args[1])
	check(err)

	collector := property.DefaultCollector(client.Client)
	var before mo.VirtualMachine
	check(collector.RetrieveOne(ctx, vm.Reference(), []string{"config.uuid", "runtime.powerState"}, &before))
	fmt.Println(before.Runtime.PowerState)

	found, err := object.NewSearchIndex(client.Client).FindByUuid(ctx, nil, before.Config.Uuid, true, nil)
	check(err)
	if found.Reference() != vm.Reference() {
		log.Fatal("FindByUuid found another VM")
	}

	updated := make(chan error)
	go func() {
		updated <- property.Wait(ctx, collector, vm.Reference(), []string{"runtime.powerState"},
			func(changes []types.PropertyChange) bool {
				return changes[0].Val == types.VirtualMachinePowerStatePoweredOn
			})
	}()
	task, err := vm.PowerOn(ctx)
	check(err)
	check(task.Wait(ctx))
	check(<-updated)
	fmt.Println("poweredOn")

	task, err = vm.PowerOn(ctx)
	check(err)
	fmt.Println(task.Wait(ctx) != nil)

	check(client.Logout(ctx))
}
