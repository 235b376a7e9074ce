// The functions app on a Flex Consumption plan. Its settings are those that src/app/config.ts reads, beside the platform's own.
param name string
param location string
param nodeVersion string
param identityId string
param identityClientId string
param applicationInsightsConnectionString string
param hostStorageName string
param packageContainerUrl string
param tenantId string
param cloud string
param credential string
param clientId string
param snapshotSchedule string
param throttlePatienceSeconds string
param encryptionKeyUrl string
param snapshotBlobUrl string
param snapshotTableUrl string
param snapshotContainer string
@secure()
param credentialKey string

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      // Graph's quota, not this plan, is what a job waits for: the fewest instances the plan takes are plenty.
      scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 40 }
      runtime: { name: 'node', version: nodeVersion }
    }
    siteConfig: {
      appSettings: [
        { name: 'AzureWebJobsStorage__accountName', value: hostStorageName }
        { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
        { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
        { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: applicationInsightsConnectionString }
        { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
        { name: 'TENANT_ID', value: tenantId }
        { name: 'CLOUD', value: cloud }
        { name: 'CREDENTIAL', value: credential }
        { name: 'CLIENT_ID', value: clientId }
        { name: 'MANAGED_IDENTITY_CLIENT_ID', value: identityClientId }
        { name: 'STORAGE_BLOB_URL', value: snapshotBlobUrl }
        { name: 'STORAGE_TABLE_URL', value: snapshotTableUrl }
        { name: 'SNAPSHOT_CONTAINER', value: snapshotContainer }
        { name: 'SNAPSHOT_SCHEDULE', value: snapshotSchedule }
        { name: 'THROTTLE_PATIENCE_SECONDS', value: throttlePatienceSeconds }
        { name: 'CREDENTIAL_KEY', value: credentialKey }
        { name: 'ENCRYPTION_KEY_URL', value: encryptionKeyUrl }
      ]
    }
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
