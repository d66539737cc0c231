"""Resources whose data is lost with them, and the policies that retain the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.cloudformation.policies import WITH_SNAPSHOT
from harness.gate.resolved import Resource

STATEFUL: Final[Mapping[str, str]] = {
    "AWS::APS::Workspace": "its metrics",
    "AWS::Athena::WorkGroup": "its queries and their history",
    "AWS::Backup::BackupVault": "its recovery points",
    "AWS::Bedrock::KnowledgeBase": "its documents' vectors",
    "AWS::Cassandra::Keyspace": "its tables",
    "AWS::Cassandra::Table": "its rows",
    "AWS::CertificateManager::Certificate": "the certificate that others may use",
    "AWS::CloudTrail::EventDataStore": "its events",
    "AWS::CodeCommit::Repository": "its commits",
    "AWS::Cognito::IdentityPool": "the identities of its users",
    "AWS::Cognito::UserPool": "its users",
    "AWS::DAX::Cluster": "its cache",
    "AWS::DMS::ReplicationInstance": "its tasks' state",
    "AWS::DSQL::Cluster": "its data",
    "AWS::DirectoryService::MicrosoftAD": "its directory",
    "AWS::DirectoryService::SimpleAD": "its directory",
    "AWS::DocDB::DBCluster": "its data",
    "AWS::DocDB::DBInstance": "its part of the cluster",
    "AWS::DocDBElastic::Cluster": "its data",
    "AWS::DynamoDB::GlobalTable": "its items, in all Regions",
    "AWS::DynamoDB::Table": "its items",
    "AWS::EC2::EIP": "its address, which others may know",
    "AWS::EC2::Instance": "its root volume",
    "AWS::EC2::Volume": "its files",
    "AWS::ECR::PublicRepository": "its images",
    "AWS::ECR::Repository": "its images",
    "AWS::EFS::FileSystem": "its files",
    "AWS::EMR::Cluster": "its files in HDFS",
    "AWS::ElastiCache::CacheCluster": "its cache",
    "AWS::ElastiCache::ReplicationGroup": "its keys",
    "AWS::ElastiCache::ServerlessCache": "its keys",
    "AWS::Elasticsearch::Domain": "its indexes",
    "AWS::Events::Archive": "its events",
    "AWS::FSx::FileSystem": "its files",
    "AWS::FSx::StorageVirtualMachine": "its volumes",
    "AWS::FSx::Volume": "its files",
    "AWS::Glue::Database": "its tables' definitions",
    "AWS::Glue::Table": "its definition and partitions",
    "AWS::HealthLake::FHIRDatastore": "its records",
    "AWS::IoT::Thing": "its shadow",
    "AWS::IoTAnalytics::Datastore": "its messages",
    "AWS::KMS::Key": "the key: data encrypted with it becomes unreadable",
    "AWS::KMS::ReplicaKey": "the key in this Region",
    "AWS::Kinesis::Stream": "its records",
    "AWS::KinesisFirehose::DeliveryStream": "its undelivered records",
    "AWS::KinesisVideo::Stream": "its media",
    "AWS::Lex::Bot": "its history",
    "AWS::Logs::LogGroup": "its log events",
    "AWS::Logs::LogStream": "its log events",
    "AWS::MSK::Cluster": "its topics",
    "AWS::MSK::ServerlessCluster": "its topics",
    "AWS::MediaStore::Container": "its objects",
    "AWS::MemoryDB::Cluster": "its keys",
    "AWS::AmazonMQ::Broker": "its messages",
    "AWS::Neptune::DBCluster": "its data",
    "AWS::Neptune::DBInstance": "its part of the cluster",
    "AWS::NeptuneGraph::Graph": "its graph",
    "AWS::OpenSearchServerless::Collection": "its indexes",
    "AWS::OpenSearchService::Domain": "its indexes",
    "AWS::Organizations::Account": "the account",
    "AWS::QLDB::Ledger": "its documents",
    "AWS::RDS::DBCluster": "its data",
    "AWS::RDS::DBInstance": "its data",
    "AWS::RDS::GlobalCluster": "its link between clusters",
    "AWS::Redshift::Cluster": "its data",
    "AWS::RedshiftServerless::Namespace": "its data",
    "AWS::Route53::HostedZone": "its records and name servers",
    "AWS::S3::Bucket": "its objects",
    "AWS::S3Express::DirectoryBucket": "its objects",
    "AWS::S3Tables::Table": "its rows",
    "AWS::S3Tables::TableBucket": "its tables",
    "AWS::S3Vectors::VectorBucket": "its vectors",
    "AWS::SDB::Domain": "its items",
    "AWS::SNS::Topic": "its subscriptions from other stacks and users, and its ARN",
    "AWS::SQS::Queue": "its messages, and its URL",
    "AWS::SSM::Parameter": "its value and history",
    "AWS::SageMaker::Domain": "its users' files",
    "AWS::SageMaker::FeatureGroup": "its features",
    "AWS::SecretsManager::Secret": "its value and versions",
    "AWS::StepFunctions::Activity": "its waiting tasks",
    "AWS::StepFunctions::StateMachine": "its executions, which are stopped, and their histories",
    "AWS::Timestream::Database": "its tables",
    "AWS::Timestream::InfluxDBInstance": "its data",
    "AWS::Timestream::Table": "its rows",
    "AWS::WorkSpaces::Workspace": "its disk",
}
"""Resource type -> the data that is lost with the resource."""


def lost_with(resource: Resource) -> str:
    """Return the data that is lost with a resource; "" if the resource can be recreated without loss."""
    if resource.type == "AWS::SSM::Parameter" and not resource.name:
        return ""  # only its stack knows it, and recreates it
    return STATEFUL.get(resource.type, "")


def keeps(resource: Resource, policy: str) -> bool:
    """Return whether a policy retains the data: `Retain`, or `Snapshot` if the type supports it."""
    if policy == "Snapshot":
        return resource.type in WITH_SNAPSHOT
    return policy.startswith("Retain")


def keeps_on_deletion(resource: Resource) -> bool:
    """Return whether a resource, or a snapshot of it, remains after it is deleted from the stack.

    The default policy for RDS clusters, and for RDS databases outside a cluster, is Snapshot.
    """
    policy = resource.policy("DeletionPolicy")
    if not policy and resource.type in ("AWS::RDS::DBCluster", "AWS::RDS::DBInstance"):
        policy = "" if "DBClusterIdentifier" in resource.properties else "Snapshot"
    return keeps(resource, policy)
