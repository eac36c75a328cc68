// The server and the schema tool of a deployment, for machines without containers: the same
// settings and command lines as Temporal's own images take.
package main

import (
	"fmt"

	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/headers"
	tlog "go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // the plugin postgres12
	"go.temporal.io/server/temporal"
	"go.temporal.io/server/tools/sql"
)

// setUpSchema is `temporal-sql-tool` of the image temporalio/admin-tools.
func setUpSchema(args []string) error {
	return sql.RunTool(append([]string{"temporal-sql-tool"}, args...))
}

// serveCluster is `temporal-server start` of the image temporalio/server: all settings are read
// from the environment (DB, POSTGRES_SEEDS, FRONTEND_GRPC_PORT, ...). It runs until it is told
// to stop.
func serveCluster() error {
	conf, err := config.Load(config.WithEmbedded())
	if err != nil {
		return err
	}
	logger := tlog.NewZapLogger(tlog.BuildZapLogger(conf.Log))
	authorizer, err := authorization.GetAuthorizerFromConfig(&conf.Global.Authorization)
	if err != nil {
		return err
	}
	claims, err := authorization.GetClaimMapperFromConfig(&conf.Global.Authorization, logger)
	if err != nil {
		return err
	}
	server, err := temporal.NewServer(
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithConfig(conf),
		temporal.WithLogger(logger),
		temporal.InterruptOn(temporal.InterruptCh()),
		temporal.WithAuthorizer(authorizer),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return claims }),
	)
	if err != nil {
		return err
	}
	fmt.Printf("Temporal server %s on %s\n", headers.ServerVersion, conf.Persistence.DefaultStore)
	return server.Start()
}
