"""Corrections to the provider schemas: update behaviour that AWS documents and the schemas omit.

All corrections have the same reason: the documentation for these properties says "Update requires:
Replacement", or that it depends, but the type's schema does not list them. A tool that relies on the schema
alone misses a documented replacement. For DynamoDB tables, the documentation describes the replacement in
prose
("Replacement if you edit an existing AttributeDefinition"), and no call can change local indexes. Where only
the schema says that a change replaces the resource, the schema applies, because CloudFormation itself uses
it.

Source: "Update requires" for each property, from `@aws-cdk/aws-service-spec` 0.1.216
(`causesReplacement`), https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Property paths, separated by spaces. A path includes everything inside the property.
REPLACED: Final[Mapping[str, str]] = {
    "AWS::AmplifyUIBuilder::Component": "Tags",
    "AWS::AmplifyUIBuilder::Form": "Tags",
    "AWS::AmplifyUIBuilder::Theme": "Tags",
    "AWS::AppConfig::Extension": "Tags",
    "AWS::AppConfig::ExtensionAssociation": "Tags",
    "AWS::AppSync::GraphQLSchema": "ApiId",
    "AWS::Batch::ComputeEnvironment": "EksConfiguration",
    "AWS::Batch::JobDefinition": "Tags",
    "AWS::Batch::JobQueue": "Tags",
    "AWS::Batch::SchedulingPolicy": "Tags",
    "AWS::Budgets::Budget": "Budget.AutoAdjustData Budget.PlannedBudgetLimits",
    "AWS::Cassandra::Keyspace": "ReplicationSpecification",
    "AWS::CertificateManager::Certificate": "ValidationMethod",
    "AWS::CleanRooms::AnalysisTemplate": "ErrorMessageConfiguration Schema SyntheticDataParameters",
    "AWS::CleanRooms::ConfiguredTable": "AllowedColumns AnalysisMethod TableReference",
    "AWS::Connect::PhoneNumber": "Description",
    "AWS::Connect::ViewVersion": "VersionDescription",
    "AWS::DataBrew::Dataset": "Tags",
    "AWS::DataBrew::Job": "Tags",
    "AWS::DataBrew::Project": "Tags",
    "AWS::DataBrew::Recipe": "Tags",
    "AWS::DataBrew::Schedule": "Tags",
    "AWS::DataSync::LocationEFS": "AccessPointArn FileSystemAccessRoleArn InTransitEncryption Subdirectory",
    "AWS::DataSync::LocationFSxLustre": "Subdirectory",
    "AWS::DataSync::LocationFSxONTAP": "Protocol Subdirectory",
    "AWS::DataSync::LocationFSxOpenZFS": "Protocol Subdirectory",
    "AWS::DataSync::LocationFSxWindows": "Domain Password Subdirectory User",
    "AWS::DataSync::LocationNFS": "ServerHostname",
    "AWS::DataSync::LocationObjectStorage": "ServerHostname",
    "AWS::DataSync::LocationS3": "S3Config S3StorageClass Subdirectory",
    "AWS::DataSync::LocationSMB": "ServerHostname",
    "AWS::DocDB::DBCluster": "EngineVersion",
    "AWS::DynamoDB::Table": "KeySchema",
    "AWS::EC2::CapacityReservation": "InstanceMatchCriteria TagSpecifications",
    "AWS::EC2::CapacityReservationFleet": "TagSpecifications",
    "AWS::EC2::EIP": "Domain",
    "AWS::EC2::SpotFleet": (
        "SpotFleetRequestConfigData.LaunchTemplateConfigs SpotFleetRequestConfigData.OnDemandTargetCapacity"
    ),
    "AWS::EC2::TrafficMirrorSession": "NetworkInterfaceId",
    "AWS::EC2::TransitGatewayRouteTable": "Tags",
    "AWS::EC2::VPCPeeringConnection": "AssumeRoleRegion PeerRoleArn",
    "AWS::EC2::VPNConnection": (
        "CustomerGatewayId TransitGatewayId VpnGatewayId VpnTunnelOptionsSpecifications"
    ),
    "AWS::ECS::CapacityProvider": "ManagedInstancesProvider.InstanceLaunchTemplate.FipsEnabled",
    "AWS::ECS::Service": "DeploymentController",
    "AWS::EFS::AccessPoint": "CreationInfo.OwnerGid CreationInfo.OwnerUid CreationInfo.Permissions",
    "AWS::EKS::Cluster": (
        "KubernetesNetworkConfig ResourcesVpcConfig.SecurityGroupIds ResourcesVpcConfig.SubnetIds"
    ),
    "AWS::EMR::InstanceFleetConfig": "InstanceTypeConfigs",
    "AWS::ElastiCache::ReplicationGroup": "Engine ReplicasPerNodeGroup",
    "AWS::ElastiCache::User": "Engine",
    "AWS::ElastiCache::UserGroup": "Engine",
    "AWS::EntityResolution::SchemaMapping": "Description MappedInputFields",
    "AWS::Events::EventBus": "EventSourceName",
    "AWS::FIS::ExperimentTemplate": "Tags",
    "AWS::FSx::FileSystem": (
        "FileSystemTypeVersion LustreConfiguration.CopyTagsToBackups LustreConfiguration.DeploymentType "
        "LustreConfiguration.DriveCacheType LustreConfiguration.ExportPath "
        "LustreConfiguration.ImportPath LustreConfiguration.ImportedFileChunkSize "
        "LustreConfiguration.PerUnitStorageThroughput OntapConfiguration.DeploymentType "
        "OntapConfiguration.EndpointIpAddressRange OntapConfiguration.PreferredSubnetId "
        "OpenZFSConfiguration.DeploymentType OpenZFSConfiguration.EndpointIpAddressRange "
        "OpenZFSConfiguration.PreferredSubnetId "
        "OpenZFSConfiguration.RootVolumeConfiguration.CopyTagsToSnapshots "
        "OpenZFSConfiguration.RootVolumeConfiguration.DataCompressionType "
        "OpenZFSConfiguration.RootVolumeConfiguration.NfsExports "
        "OpenZFSConfiguration.RootVolumeConfiguration.ReadOnly "
        "OpenZFSConfiguration.RootVolumeConfiguration.RecordSizeKiB "
        "OpenZFSConfiguration.RootVolumeConfiguration.UserAndGroupQuotas "
        "WindowsConfiguration.ActiveDirectoryId WindowsConfiguration.CopyTagsToBackups "
        "WindowsConfiguration.DeploymentType WindowsConfiguration.PreferredSubnetId "
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.DomainName "
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.FileSystemAdministratorsGroup "
        "WindowsConfiguration.SelfManagedActiveDirectoryConfiguration.OrganizationalUnitDistinguishedName"
    ),
    "AWS::Glue::Database": "CatalogId DatabaseInput.Name",
    "AWS::GuardDuty::Member": "Email",
    "AWS::HealthLake::FHIRDatastore": "DatastoreName IdentityProviderConfiguration",
    "AWS::ImageBuilder::Component": "Tags",
    "AWS::ImageBuilder::ContainerRecipe": "Tags",
    "AWS::ImageBuilder::Image": "Tags",
    "AWS::ImageBuilder::ImageRecipe": "Tags",
    "AWS::IoT::ThingType": "ThingTypeProperties",
    "AWS::IoTWireless::NetworkAnalyzerConfiguration": "Tags",
    "AWS::KafkaConnect::Connector": "ConnectorConfiguration",
    "AWS::KinesisAnalytics::ApplicationOutput": "Output.Name",
    "AWS::KinesisAnalyticsV2::Application": "RuntimeEnvironment",
    "AWS::KinesisAnalyticsV2::ApplicationOutput": "Output.Name",
    "AWS::KinesisAnalyticsV2::ApplicationReferenceDataSource": "ReferenceDataSource.TableName",
    "AWS::Lambda::EventSourceMapping": (
        "AmazonManagedKafkaEventSourceConfig SelfManagedKafkaEventSourceConfig"
    ),
    "AWS::Location::GeofenceCollection": "Description",
    "AWS::Location::Map": "Description PricingPlan",
    "AWS::Location::PlaceIndex": "DataSourceConfiguration Description PricingPlan",
    "AWS::Location::RouteCalculator": "Description PricingPlan",
    "AWS::Location::Tracker": "Description PositionFiltering",
    "AWS::MediaLive::Channel": "InputAttachments.InputId",
    "AWS::MediaLive::InputSecurityGroup": "Tags",
    "AWS::MediaStore::Container": "CorsPolicy.AllowedMethods",
    "AWS::Omics::SequenceStore": "Description FallbackLocation Name Tags",
    "AWS::RDS::DBInstance": "Port",
    "AWS::RDS::DBSecurityGroup": (
        "DBSecurityGroupIngress.EC2SecurityGroupId DBSecurityGroupIngress.EC2SecurityGroupName "
        "DBSecurityGroupIngress.EC2SecurityGroupOwnerId"
    ),
    "AWS::RedshiftServerless::Namespace": "Tags",
    "AWS::Route53::RecordSet": "Name",
    "AWS::S3::Bucket": "ObjectLockEnabled",
    "AWS::SageMaker::App": "Tags",
    "AWS::SageMaker::AppImageConfig": "Tags",
    "AWS::SageMaker::Domain": "AppNetworkAccessType SubnetIds Tags",
    "AWS::SageMaker::FeatureGroup": "OnlineStoreConfig",
    "AWS::SageMaker::UserProfile": "Tags",
    "AWS::SageMaker::Workteam": "MemberDefinitions.CognitoMemberDefinition.CognitoUserPool",
    "AWS::ServiceCatalog::PortfolioShare": "AcceptLanguage",
    "AWS::ServiceDiscovery::Service": "DnsConfig.NamespaceId",
    "AWS::Timestream::ScheduledQuery": "ClientToken",
    "AWS::Transfer::Server": "IdentityProviderType",
    "AWS::WorkSpacesWeb::UserSettings": "AdditionalEncryptionContext CustomerManagedKey",
    "AWS::XRay::SamplingRule": "SamplingRuleRecord.SamplingRule.Version",
}
"""Resource type -> the properties whose change replaces the resource."""
CONDITIONAL: Final[Mapping[str, str]] = {
    "AWS::AuditManager::Assessment": (
        "Scope.AwsAccounts.EmailAddress Scope.AwsAccounts.Id Scope.AwsAccounts.Name"
    ),
    "AWS::Cassandra::Table": "RegularColumns.ColumnName RegularColumns.ColumnType",
    "AWS::CodeCommit::Repository": "Triggers",
    "AWS::DynamoDB::Table": "AttributeDefinitions.AttributeType LocalSecondaryIndexes",
    "AWS::DynamoDB::GlobalTable": (
        "GlobalSecondaryIndexes.KeySchema.AttributeName GlobalSecondaryIndexes.KeySchema.KeyType "
        "GlobalSecondaryIndexes.Projection.NonKeyAttributes "
        "GlobalSecondaryIndexes.Projection.ProjectionType VectorIndexes.Projection.NonKeyAttributes "
        "VectorIndexes.Projection.ProjectionType"
    ),
    "AWS::EMR::Cluster": "Instances",
    "AWS::ElastiCache::CacheCluster": "AZMode NumCacheNodes PreferredAvailabilityZone",
    "AWS::ElastiCache::ReplicationGroup": "NumNodeGroups",
    "AWS::Elasticsearch::Domain": (
        "AdvancedSecurityOptions ElasticsearchVersion EncryptionAtRestOptions NodeToNodeEncryptionOptions"
    ),
    "AWS::LakeFormation::Resource": "UseServiceLinkedRole",
    "AWS::RDS::DBInstance": "StorageType",
    "AWS::SageMaker::Domain": "DefaultSpaceSettings DefaultUserSettings",
    "AWS::SageMaker::ModelPackage": (
        "AdditionalInferenceSpecifications AdditionalInferenceSpecificationsToAdd"
    ),
}
"""Resource type -> the properties whose change may replace the resource."""
INTERRUPTED: Final[Mapping[str, str]] = {
    "AWS::EC2::Instance": "InstanceType",
    "AWS::ElastiCache::CacheCluster": "CacheNodeType EngineVersion",
    "AWS::ElastiCache::ReplicationGroup": "CacheNodeType EngineVersion",
    "AWS::Neptune::DBInstance": "AutoMinorVersionUpgrade DBInstanceClass DBParameterGroupName",
    "AWS::RDS::DBCluster": "EngineVersion Port",
    "AWS::RDS::DBInstance": (
        "AllocatedStorage AutoMinorVersionUpgrade BackupRetentionPeriod DBInstanceClass DBParameterGroupName "
        "EngineVersion MultiAZ PreferredMaintenanceWindow StorageType"
    ),
    "AWS::Redshift::Cluster": "ClusterType NodeType NumberOfNodes",
}
"""Resource type -> the properties whose change interrupts the resource: "Update requires: Some
interruptions".

They include database properties that the schemas or the tables above list as conditional. The documentation
does not say that changing these properties replaces the database.
"""
