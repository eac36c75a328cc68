// A Temporal server in one program, with its state in one SQLite file, for
// machines that cannot download the Temporal CLI. It takes the same command line
// as `temporal server start-dev`, so CCM Flow starts both in the same way. With `start` and
// `sql-tool` it is what Temporal's images are, on PostgreSQL (see cluster.go).
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/headers"
	tlog "go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
	sqliteschema "go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

const (
	clusterName = "active"
	storeName   = "sqlite"
)

// options is the command line, parsed.
type options struct {
	ip, dbFile, logLevel                    string
	port                                    int
	version                                 bool
	namespaces, attributes, dynamic, pragma list
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "temporal-server:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 && args[0] == "start" {
		return serveCluster()
	}
	if len(args) > 0 && args[0] == "sql-tool" {
		return setUpSchema(args[1:])
	}
	opts, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if opts.version {
		fmt.Printf("temporal-server (Server %s)\n", headers.ServerVersion)
		return nil
	}
	return serve(opts)
}

// parse accepts every flag CCM Flow gives to `temporal server start-dev`.
func parse(args []string) (options, error) {
	if len(args) >= 2 && args[0] == "server" && args[1] == "start-dev" {
		args = args[2:]
	}
	var o options
	flags := flag.NewFlagSet("temporal-server", flag.ContinueOnError)
	flags.StringVar(&o.ip, "ip", "127.0.0.1", "address to listen on")
	flags.IntVar(&o.port, "port", 7233, "port for clients and workers (gRPC)")
	flags.StringVar(&o.dbFile, "db-filename", "", "state file; in memory, lost at exit, when empty")
	flags.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.BoolVar(&o.version, "version", false, "print the server version and exit")
	flags.Var(&o.namespaces, "namespace", "namespace to create; may be repeated (\"default\" when absent)")
	flags.Var(&o.attributes, "search-attribute", "NAME=TYPE; may be repeated")
	flags.Var(&o.dynamic, "dynamic-config-value", "KEY=JSON-VALUE; may be repeated")
	flags.Var(&o.pragma, "sqlite-pragma", "PRAGMA=VALUE; may be repeated")
	flags.Bool("headless", true, "accepted and ignored: there is no web page in this program")
	flags.String("log-format", "text", "accepted and ignored")
	flags.Int("ui-port", 0, "accepted and ignored")
	flags.Int("metrics-port", 0, "accepted and ignored")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if len(o.namespaces) == 0 {
		o.namespaces = list{"default"}
	}
	return o, err
}

// serve runs the server until the process is asked to stop.
func serve(o options) error {
	// Ask first: the server itself finds out late, after it has touched the state file.
	if err := portIsFree(o.ip, o.port); err != nil {
		return err
	}
	store, err := openStore(o)
	if err != nil {
		return err
	}
	conf, hosts, err := configure(o, store)
	if err != nil {
		return err
	}
	server, err := build(o, conf, hosts)
	if err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	if err := server.Start(); err != nil {
		return err
	}
	fmt.Printf("Temporal server %s: %s\n", headers.ServerVersion, conf.PublicClient.HostPort)
	<-stop
	return server.Stop()
}

func portIsFree(ip string, port int) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("port %d on %s is taken by another program; choose another with --port (%w)", port, ip, err)
	}
	return listener.Close()
}

// openStore prepares the state file, or the memory, and the namespaces in it.
func openStore(o options) (*config.SQL, error) {
	store := &config.SQL{PluginName: sqliteplugin.PluginName, DatabaseName: o.dbFile}
	if o.dbFile == "" {
		store.DatabaseName = "mem"
		store.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared"}
	} else {
		if err := createStateFile(o.dbFile); err != nil {
			return nil, err
		}
		// A write-ahead log triples the updates per second and survives a crash of this program.
		store.ConnectAttributes = map[string]string{
			"mode": "rwc", "journal_mode": "wal", "synchronous": "normal"}
		for _, pragma := range o.pragma {
			name, value, _ := strings.Cut(pragma, "=")
			store.ConnectAttributes[name] = value
		}
	}
	namespaces, err := namespaceConfigs(o)
	if err != nil {
		return nil, err
	}
	return store, sqliteschema.CreateNamespaces(store, namespaces...)
}

// createStateFile makes the tables under another name first: a crash half-way
// must not leave a file that looks finished.
func createStateFile(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	err := sqliteschema.SetupSchema(&config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      draft,
		ConnectAttributes: map[string]string{"mode": "rwc"},
	})
	if err != nil {
		return fmt.Errorf("cannot create the state file: %w", err)
	}
	return os.Rename(draft, path)
}

func namespaceConfigs(o options) ([]*sqliteschema.NamespaceConfig, error) {
	attributes := map[string]enumspb.IndexedValueType{}
	for _, attribute := range o.attributes {
		name, kind, _ := strings.Cut(attribute, "=")
		value, err := enumspb.IndexedValueTypeFromString(kind)
		if err != nil {
			return nil, fmt.Errorf("--search-attribute %s: %w", attribute, err)
		}
		attributes[name] = value
	}
	var namespaces []*sqliteschema.NamespaceConfig
	for _, name := range o.namespaces {
		namespace, err := sqliteschema.NewNamespaceConfig(clusterName, name, false, attributes)
		if err != nil {
			return nil, err
		}
		namespaces = append(namespaces, namespace)
	}
	return namespaces, nil
}

// configure describes a cluster of one: every service in this process, all on one address.
func configure(o options, store *config.SQL) (*config.Config, map[primitives.ServiceName]static.Hosts, error) {
	address := net.JoinHostPort(o.ip, strconv.Itoa(o.port))
	conf := &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: clusterName, CurrentClusterName: clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
				Enabled: true, InitialFailoverVersion: 1, RPCAddress: address, ClusterID: clusterName}},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: address},
	}
	conf.Global.Membership.MaxJoinDuration = 30 * time.Second
	conf.Global.Membership.BroadcastAddress = o.ip
	conf.Archival.History.State = config.ArchivalDisabled
	conf.Archival.Visibility.State = config.ArchivalDisabled
	conf.NamespaceDefaults.Archival.History.State = config.ArchivalDisabled
	conf.NamespaceDefaults.Archival.Visibility.State = config.ArchivalDisabled
	hosts, err := placeServices(o, conf)
	return conf, hosts, err
}

// placeServices gives the client-facing service the asked port and the inner ones any free port.
func placeServices(o options, conf *config.Config) (map[primitives.ServiceName]static.Hosts, error) {
	inner, err := freePorts(o.ip, 3)
	if err != nil {
		return nil, err
	}
	ports := map[primitives.ServiceName]int{
		primitives.FrontendService: o.port,
		primitives.HistoryService:  inner[0],
		primitives.MatchingService: inner[1],
		primitives.WorkerService:   inner[2],
	}
	conf.Services = map[string]config.Service{}
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, port := range ports {
		conf.Services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: o.ip}}
		hosts[name] = static.SingleLocalHost(net.JoinHostPort(o.ip, strconv.Itoa(port)))
	}
	return hosts, nil
}

// freePorts holds all ports open until every one is chosen, so that none is chosen twice.
func freePorts(ip string, count int) ([]int, error) {
	var ports []int
	for len(ports) < count {
		listener, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func build(o options, conf *config.Config, hosts map[primitives.ServiceName]static.Hosts) (temporal.Server, error) {
	return temporal.NewServer(
		temporal.WithConfig(conf),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(tlog.NewZapLogger(tlog.BuildZapLogger(tlog.Config{Stdout: true, Level: o.logLevel}))),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper {
			return authorization.NewNoopClaimMapper()
		}),
		temporal.WithDynamicConfigClient(dynamicSettings(o.dynamic)),
	)
}

// dynamicSettings starts from what `temporal server start-dev` sets and adds the given values.
func dynamicSettings(given list) dynamicconfig.StaticClient {
	settings := dynamicconfig.StaticClient{
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 1000,
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key():                 8096,
	}
	for _, setting := range given {
		key, text, _ := strings.Cut(setting, "=")
		var value any = text
		// Whole numbers stay whole: JSON alone would make them floats.
		if number, err := strconv.Atoi(text); err == nil {
			value = number
		} else if err := json.Unmarshal([]byte(text), &value); err != nil {
			value = text
		}
		settings[dynamicconfig.MakeKey(key)] = value
	}
	return settings
}
