// The whole deployment of one tenant's app, into one resource group. The Graph permissions are a template of their own
// (graph.bicep): granting them takes a directory role that whoever deploys to Azure need not have.
targetScope = 'resourceGroup'

@description('Begins the names of all resources: 3 to 10 small letters and digits.')
@minLength(3)
@maxLength(10)
param name string = 'entrarest'

param location string = resourceGroup().location

@description('The tenant to keep safe.')
param tenantId string = subscription().tenantId

@description('The national cloud of that tenant.')
@allowed(['global', 'usgov', 'usgov-dod', 'china'])
param cloud string = 'global'

@description('managed-identity: the tenant is the one of this subscription. federated: another one, through a multitenant application (clientId) of the subscription’s tenant that trusts the identity.')
@allowed(['managed-identity', 'federated'])
param credential string = 'managed-identity'

@description('The multitenant application, for federated only.')
param clientId string = ''

@description('When a snapshot is taken: NCRONTAB of six fields, UTC.')
param snapshotSchedule string = '0 0 2 * * *'

@description('How long one call to Graph may be held back by throttling before it is given up, in seconds.')
param throttlePatienceSeconds string = '900'

@description('32 bytes in Base64 that seal the passwords of recreated users until they are collected. A new deployment draws a new key; what was not collected by then must be reset.')
@secure()
param credentialKey string = base64(replace(newGuid(), '-', ''))

@description('Seal every blob with data keys that this Key Vault key wraps: https://<vault>.vault.azure.net/keys/<name>. The app’s identity needs Key Vault Crypto User on it (README.md). Empty: the platform’s encryption alone.')
param encryptionKeyUrl string = ''

@description('Node.js of the Flex Consumption plan. The app runs on both.')
@allowed(['22', '24'])
param nodeVersion string = '22'

@description('Days for which blobs deleted or overwritten in the snapshot account can be had back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 14

@description('Resource ids of the action groups that are told when a snapshot is suspect or failed. None: the alerts stand in the portal alone.')
param alertActionGroupIds array = []

@description('Lock the snapshot account, so that it is not deleted before someone removes the lock.')
param lockSnapshots bool = true

var suffix = uniqueString(resourceGroup().id)

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: { name: '${name}-${suffix}', location: location }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: '${name}-${suffix}'
    location: location
    principalId: identity.outputs.principalId
    actionGroupIds: alertActionGroupIds
  }
}

module hostStorage 'modules/host-storage.bicep' = {
  name: 'host-storage'
  params: { name: take('${name}h${suffix}', 24), location: location, principalId: identity.outputs.principalId }
}

module snapshotStorage 'modules/snapshot-storage.bicep' = {
  name: 'snapshot-storage'
  params: {
    name: take('${name}s${suffix}', 24)
    location: location
    principalId: identity.outputs.principalId
    softDeleteDays: softDeleteDays
    lock: lockSnapshots
  }
}

module functionApp 'modules/function-app.bicep' = {
  name: 'function-app'
  params: {
    name: '${name}-${suffix}'
    location: location
    nodeVersion: nodeVersion
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    applicationInsightsConnectionString: monitoring.outputs.connectionString
    hostStorageName: hostStorage.outputs.name
    packageContainerUrl: hostStorage.outputs.packageContainerUrl
    tenantId: tenantId
    cloud: cloud
    credential: credential
    clientId: clientId
    snapshotSchedule: snapshotSchedule
    throttlePatienceSeconds: throttlePatienceSeconds
    credentialKey: credentialKey
    encryptionKeyUrl: encryptionKeyUrl
    snapshotBlobUrl: snapshotStorage.outputs.blobUrl
    snapshotTableUrl: snapshotStorage.outputs.tableUrl
    snapshotContainer: snapshotStorage.outputs.containerName
  }
}

output functionAppName string = functionApp.outputs.name
output api string = 'https://${functionApp.outputs.hostName}/api'
@description('For graph.bicep: whom to grant the Graph permissions.')
output principalId string = identity.outputs.principalId
